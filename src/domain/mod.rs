//! What we talk about: people, conversations, messages, receipts. No I/O and no framework.

pub mod audit;
pub mod clock;
pub mod conversation;
pub mod device;
pub mod follow;
pub mod id;
pub mod message;
pub mod notification;
pub mod notification_settings;
pub mod presence;
pub mod reaction;
pub mod receipt;
pub mod standing;
pub mod sync;
pub mod user;
pub mod web_origin;

pub use audit::{AdminAccess, AdminAction, Edit, ModeratedConversation, ModeratedMessage};
pub use clock::Timestamp;
pub use conversation::{Conversation, DirectPair, Participant};
pub use device::{Device, DeviceId};
pub use follow::{Follow, FollowId, FollowStats};
pub use id::{ClientId, ConversationId, InvalidClientId, MessageId, Rev, Seq, UserId};
pub use message::{InvalidText, Message, MessageDetails, MessageText, Quote, Reaction};
pub use notification::{Cause, Excerpt, Notice, Notification, NotificationId};
pub use notification_settings::{NotificationSettings, SettingsTooLarge};
pub use presence::OnlineUsers;
pub use reaction::{InvalidReaction, ReactionChange, ReactionText};
pub use receipt::{Cursor, Cursors};
pub use standing::{Progress, Standing};
pub use sync::{
    Epoch, KNOWN_MAX, KnownRevs, Missed, MissedConversation, Part, Position, SyncLimits, SyncPlan,
    plan_sync,
};
pub use user::{Person, User, full_name};
pub use web_origin::WebOrigin;
