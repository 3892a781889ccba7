//! Why a command was not carried out, by what the asker can do about it.

use crate::{
    domain::NotificationSettings,
    protocol::{ErrorCode, ServerEvent},
    storage::StorageError,
};

/// A command that stored nothing. The texts are those of `/ws/chat/` (contract §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    #[error("Recipient not found")]
    RecipientNotFound,
    #[error("Cannot send message to yourself")]
    SelfRecipient,
    #[error("Reply message not found")]
    ReplyNotFound,
    /// The message to answer is in another conversation of the sender.
    #[error("Reply message not found")]
    ReplyElsewhere,
    #[error("Conversation not found")]
    ConversationNotFound,
    #[error("Message not found")]
    MessageNotFound,
    /// The message is somebody else's.
    #[error("You can only edit your own messages.")]
    NotAuthor,
    #[error("You cannot suspend yourself")]
    SelfSuspension,
    #[error("You do not have permission to perform this action.")]
    NotPermitted,
    #[error("You cannot follow yourself")]
    SelfFollow,
    #[error("Follow not found")]
    FollowNotFound,
    #[error("Device not found")]
    DeviceNotFound,
    #[error("Ensure these settings have no more than {} bytes.", NotificationSettings::MAX_BYTES)]
    SettingsTooLarge,
    #[error("Notification not found")]
    NotificationNotFound,
    #[error("A user with that username already exists.")]
    UsernameTaken,
    #[error("The server is overloaded, try again later")]
    Overloaded,
    #[error("The database is unavailable, try again later")]
    Unavailable,
    #[error("The server has no room for more messages")]
    StorageFull,
    #[error("The server is restarting, try again")]
    Restarting,
    #[error("An unexpected error occurred")]
    Internal,
}

impl CommandError {
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::RecipientNotFound
            | Self::ReplyNotFound
            | Self::ReplyElsewhere
            | Self::ConversationNotFound
            | Self::MessageNotFound
            | Self::FollowNotFound
            | Self::DeviceNotFound
            | Self::NotificationNotFound => ErrorCode::NotFound,
            Self::SettingsTooLarge => ErrorCode::TooLong,
            Self::SelfRecipient | Self::SelfFollow | Self::SelfSuspension => {
                ErrorCode::SelfRecipient
            }
            Self::NotAuthor | Self::NotPermitted => ErrorCode::Forbidden,
            Self::UsernameTaken => ErrorCode::Taken,
            Self::Overloaded => ErrorCode::Overloaded,
            Self::Unavailable => ErrorCode::Unavailable,
            Self::StorageFull => ErrorCode::StorageFull,
            Self::Restarting => ErrorCode::Restarting,
            Self::Internal => ErrorCode::Internal,
        }
    }

    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::RecipientNotFound | Self::SelfRecipient => Some("recipient_id"),
            Self::ReplyNotFound | Self::ReplyElsewhere => Some("reply_to_id"),
            Self::ConversationNotFound => Some("conversation_id"),
            Self::MessageNotFound | Self::NotAuthor => Some("message_id"),
            Self::SelfFollow | Self::SelfSuspension | Self::NotPermitted => Some("user_id"),
            Self::NotificationNotFound => Some("notification_id"),
            Self::UsernameTaken => Some("username"),
            Self::FollowNotFound
            | Self::DeviceNotFound
            | Self::SettingsTooLarge
            | Self::Overloaded
            | Self::Unavailable
            | Self::StorageFull
            | Self::Restarting
            | Self::Internal => None,
        }
    }

    /// Seconds after which the same command may succeed; `None` if it never will.
    pub const fn retry_after(self) -> Option<u32> {
        match self {
            Self::Overloaded | Self::Unavailable | Self::Restarting => Some(1),
            Self::StorageFull => Some(30),
            Self::RecipientNotFound
            | Self::SelfRecipient
            | Self::ReplyNotFound
            | Self::ReplyElsewhere
            | Self::ConversationNotFound
            | Self::MessageNotFound
            | Self::NotAuthor
            | Self::SelfFollow
            | Self::SelfSuspension
            | Self::NotPermitted
            | Self::FollowNotFound
            | Self::DeviceNotFound
            | Self::SettingsTooLarge
            | Self::NotificationNotFound
            | Self::UsernameTaken
            | Self::Internal => None,
        }
    }

    /// The `error` event about it.
    pub fn event<'a>(self, text: &'a str, client_id: Option<&'a str>) -> ServerEvent<'a> {
        ServerEvent::Error {
            message: text,
            code: self.code(),
            field: self.field(),
            client_id,
            retry_after: self.retry_after(),
        }
    }
}

impl From<&StorageError> for CommandError {
    fn from(error: &StorageError) -> Self {
        match error {
            // Of somebody else who was faster every time.
            StorageError::Unavailable(_) | StorageError::Conflict(_) => Self::Unavailable,
            StorageError::Full(_) => Self::StorageFull,
            StorageError::Failed(_) | StorageError::Aborted(_) => Self::Internal,
        }
    }
}
