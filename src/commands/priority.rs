//! What stands back first when writes have to wait.

use super::Command;

/// What is asked for, in the order in which it stands back: typing first, messages last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    Typing,
    Presence,
    Receipt,
    /// History, lists, searches, catching up.
    Read,
    /// Everything else that is stored.
    Change,
    /// Messages, and what administrators do.
    Message,
}

impl Command {
    pub const fn priority(&self) -> Priority {
        match self {
            Self::RecordLastActive(_) => Priority::Presence,
            Self::MarkRead(_) | Self::ReadFollows(_) | Self::ReadNotifications(_) => {
                Priority::Receipt
            }
            Self::StartConversation(_)
            | Self::EditMessage(_)
            | Self::DeleteMessage(_)
            | Self::React(_)
            | Self::HideConversation(_)
            | Self::RegisterUser(_)
            | Self::FollowUser(_)
            | Self::UnfollowUser(_)
            | Self::CreateNotification(_)
            | Self::DeleteNotification(_)
            | Self::ReplacePasswordHash(_)
            | Self::IssueTicket(_)
            | Self::RedeemTicket(_)
            | Self::RegisterDevice(_)
            | Self::RemoveDevice(_)
            | Self::ChangeSettings(_)
            | Self::UpdateProfile(_) => Priority::Change,
            Self::SendMessage(_)
            | Self::SetActive(_)
            | Self::RecordAccess(_)
            | Self::ModerateMessage(_)
            | Self::SuspendUser(_) => Priority::Message,
        }
    }
}
