//! What administrators do, as it is written down.

use super::{ConversationId, Message, MessageId, Person, Rev, Timestamp, UserId};

/// What an administrator does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminAction {
    /// Searched for; empty for everybody.
    ListUsers {
        search: String,
    },
    ViewUser(UserId),
    ListConversations(UserId),
    ViewHistory(ConversationId),
    ViewEdits(MessageId),
    DeleteMessage {
        message: MessageId,
        conversation: ConversationId,
        author: UserId,
    },
    ActivateUser(UserId),
    DeactivateUser(UserId),
}

impl AdminAction {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ListUsers { .. } => "list_users",
            Self::ViewUser(_) => "view_user",
            Self::ListConversations(_) => "list_conversations",
            Self::ViewHistory(_) => "view_history",
            Self::ViewEdits(_) => "view_edits",
            Self::DeleteMessage { .. } => "delete_message",
            Self::ActivateUser(_) => "activate_user",
            Self::DeactivateUser(_) => "deactivate_user",
        }
    }

    /// Whom it is about.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::ViewUser(user)
            | Self::ListConversations(user)
            | Self::DeleteMessage { author: user, .. }
            | Self::ActivateUser(user)
            | Self::DeactivateUser(user) => Some(*user),
            Self::ListUsers { .. } | Self::ViewHistory(_) | Self::ViewEdits(_) => None,
        }
    }

    pub const fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::ViewHistory(conversation) | Self::DeleteMessage { conversation, .. } => {
                Some(*conversation)
            }
            Self::ListUsers { .. }
            | Self::ViewUser(_)
            | Self::ListConversations(_)
            | Self::ViewEdits(_)
            | Self::ActivateUser(_)
            | Self::DeactivateUser(_) => None,
        }
    }

    pub const fn message(&self) -> Option<MessageId> {
        match self {
            Self::ViewEdits(message) | Self::DeleteMessage { message, .. } => Some(*message),
            Self::ListUsers { .. }
            | Self::ViewUser(_)
            | Self::ListConversations(_)
            | Self::ViewHistory(_)
            | Self::ActivateUser(_)
            | Self::DeactivateUser(_) => None,
        }
    }

    /// What was searched for.
    pub fn note(&self) -> Option<&str> {
        match self {
            Self::ListUsers { search } if !search.is_empty() => Some(search),
            Self::ListUsers { .. }
            | Self::ViewUser(_)
            | Self::ListConversations(_)
            | Self::ViewHistory(_)
            | Self::ViewEdits(_)
            | Self::DeleteMessage { .. }
            | Self::ActivateUser(_)
            | Self::DeactivateUser(_) => None,
        }
    }
}

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminAccess {
    pub id: i64,
    pub admin: UserId,
    /// [`AdminAction::name`]
    pub action: String,
    pub user: Option<UserId>,
    pub conversation: Option<ConversationId>,
    pub message: Option<MessageId>,
    pub note: Option<String>,
    pub at: Timestamp,
}

/// A message as moderators see it: whether or not it is deleted.
#[derive(Clone, Debug)]
pub struct ModeratedMessage {
    pub message: Message,
    pub sender: Option<Person>,
    pub deleted_by: Option<UserId>,
    /// How often its text was changed.
    pub edits: u64,
}

/// What a message said before an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub rev: Rev,
    pub old_content: String,
    pub at: Timestamp,
}

/// A conversation in the list of a user, as moderators see it.
#[derive(Clone, Debug)]
pub struct ModeratedConversation {
    pub id: ConversationId,
    pub messages: u64,
    pub created_at: Timestamp,
    pub last_message_at: Option<Timestamp>,
    /// Everybody who belongs to it or has, and when he left.
    pub members: Vec<(Person, Option<Timestamp>)>,
}
