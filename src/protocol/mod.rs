//! The wire as serde types: what clients send, what they hear, and how things look to them.
//!
//! JSON lives here and nowhere else. The shapes and texts are those of the VikraHub wire contract;
//! `docs/protocol.md` describes them for client authors.

mod asyncapi;
mod client_frame;
mod codes;
mod conversation_view;
mod message_view;
mod messaging_frame;
mod notification_frame;
mod notification_view;
mod people_view;
mod scalar_schema;
mod server_event;
mod time;
mod user_view;

pub use asyncapi::asyncapi_document;
pub use client_frame::{
    ClientFrame, FrameError, MarkReadTarget, MessageFrame, MessageTarget, ReactionFrame,
};
pub use codes::{CloseCode, ErrorCode};
pub use conversation_view::ConversationView;
pub use message_view::{EncodedMessage, MessageView, ReactionView, reaction_counts};
pub use messaging_frame::{ConversationName, MessagingFrame};
pub use notification_frame::NotificationFrame;
pub use notification_view::{NotificationEvent, NotificationView};
pub use people_view::{
    FollowListView, FollowNoticeView, FollowStatsView, FollowView, OwnProfileView,
    PublicProfileView, UserBasicView,
};
pub use server_event::{Frames, ServerEvent, TypistView};
pub use time::Stamp;
pub use user_view::{ChatUserView, CurrentUserView, QuotedUserView};
