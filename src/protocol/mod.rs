//! The wire as serde types: what clients send, what they hear, and how things look to them.
//!
//! JSON lives here and nowhere else. The shapes and texts are those of the VikraHub wire contract;
//! `docs/protocol.md` describes them for client authors.

mod admin_view;
mod asyncapi;
mod client_frame;
mod codes;
mod conversation_view;
mod device_view;
mod frame_fields;
mod message_frame;
mod message_view;
mod messaging_frame;
mod notification_frame;
mod notification_view;
mod people_view;
mod resume_frame;
mod scalar_schema;
mod server_event;
mod sync_view;
mod time;
mod user_view;

pub use admin_view::{
    AdminAccessView, AdminAccountView, AdminConversationView, AdminEditView, AdminMessageView,
};
pub use asyncapi::asyncapi_document;
pub use client_frame::{ClientFrame, MarkReadTarget, ReactionFrame};
pub use codes::{CloseCode, ErrorCode};
pub use conversation_view::ConversationView;
pub use device_view::DeviceView;
pub use frame_fields::FrameError;
pub use message_frame::{MessageFrame, MessageTarget};
pub use message_view::{EncodedMessage, MessageView, ReactionView, reaction_counts};
pub use messaging_frame::{ConversationName, MessagingFrame};
pub use notification_frame::NotificationFrame;
pub use notification_view::{NotificationEvent, NotificationView};
pub use people_view::{
    FollowListView, FollowNoticeView, FollowStatsView, FollowView, OwnProfileView,
    PublicProfileView, UserBasicView,
};
pub use resume_frame::{InvalidCursors, ResumeFrame, check_epoch};
pub use server_event::{Frames, ServerEvent, TypistView};
pub use sync_view::{CursorView, ReceiptsView, ResumedView, SyncView};
pub use time::Stamp;
pub use user_view::{ChatUserView, CurrentUserView, QuotedUserView};
