//! Everything a user can do, one verb per file: what it checks, what it stores, whom it tells.
//!
//! Both doors make the same commands. The chat server hands them to the db executor, which stores
//! a batch of them in one transaction (`store`); afterwards each outcome is told (`tell`).

mod authenticate;
mod batch;
mod change;
mod change_settings;
mod create_notification;
mod delete_message;
mod delete_notification;
mod device;
mod doubt;
mod edit_message;
mod error;
mod follow_user;
mod hide_conversation;
mod mark_read;
mod moderate_message;
mod notify;
mod post;
mod priority;
mod react;
mod read_follows;
mod read_notifications;
mod record_access;
mod record_last_active;
mod register_user;
mod replace_password_hash;
mod replay;
mod send_message;
mod set_active;
mod start_conversation;
mod suspend_user;
mod ticket;
mod unfollow_user;
mod update_profile;

pub use authenticate::{AuthenticationError, active_user, authenticate};
pub use batch::{Stored, store};
pub use change::Change;
pub use change_settings::ChangeSettings;
pub use create_notification::CreateNotification;
pub use delete_message::{DeleteMessage, Deleted, DeletedFor};
pub use delete_notification::{DeleteNotification, NotificationDeleted};
pub use device::{RegisterDevice, RemoveDevice};
pub use doubt::Doubt;
pub use edit_message::{EditMessage, Edited};
pub use error::CommandError;
pub use follow_user::{FollowUser, Followed};
pub use hide_conversation::HideConversation;
pub use mark_read::{MarkRead, MarkedRead};
pub use moderate_message::ModerateMessage;
pub use post::{Asker, Audience, ConnectionId, Post, SocketKind};
pub use priority::Priority;
pub use react::{React, Reacted};
pub use read_follows::ReadFollows;
pub use read_notifications::{NotificationsRead, ReadNotifications};
pub use record_access::RecordAccess;
pub use record_last_active::RecordLastActive;
pub use register_user::RegisterUser;
pub use replace_password_hash::ReplacePasswordHash;
pub use replay::{NewReceipts, Place, recipients, replay, replay_receipts};
pub use send_message::{Origin, SendMessage, Sent};
pub use set_active::SetActive;
pub use start_conversation::{StartConversation, Started};
pub use suspend_user::SuspendUser;
pub use ticket::{IssueTicket, RedeemTicket};
pub use unfollow_user::{UnfollowUser, Unfollowed};
pub use update_profile::UpdateProfile;

use crate::domain::{
    ConversationId, Device, Follow, Notification, NotificationSettings, Person, Standing, User,
    UserId,
};

/// Something a user asks for.
#[derive(Clone, Debug)]
pub enum Command {
    SendMessage(SendMessage),
    StartConversation(StartConversation),
    MarkRead(MarkRead),
    EditMessage(EditMessage),
    DeleteMessage(DeleteMessage),
    React(React),
    HideConversation(HideConversation),
    RecordLastActive(RecordLastActive),
    RegisterUser(RegisterUser),
    FollowUser(FollowUser),
    UnfollowUser(UnfollowUser),
    ReadFollows(ReadFollows),
    CreateNotification(CreateNotification),
    ReadNotifications(ReadNotifications),
    DeleteNotification(DeleteNotification),
    ReplacePasswordHash(ReplacePasswordHash),
    SetActive(SetActive),
    RecordAccess(RecordAccess),
    ModerateMessage(ModerateMessage),
    SuspendUser(SuspendUser),
    IssueTicket(IssueTicket),
    RedeemTicket(RedeemTicket),
    RegisterDevice(RegisterDevice),
    RemoveDevice(RemoveDevice),
    ChangeSettings(ChangeSettings),
    UpdateProfile(UpdateProfile),
}

/// What came of it, durably.
#[derive(Clone, Debug)]
pub enum Outcome {
    Sent(Box<Sent>),
    Started(Box<Started>),
    MarkedRead(MarkedRead),
    Edited(Box<Edited>),
    Deleted(Deleted),
    /// `None` when nothing was left to do.
    Moderated(Option<Deleted>),
    Reacted(Box<Reacted>),
    Hidden(ConversationId),
    Recorded,
    Registered(Box<User>),
    Followed(Box<Followed>),
    Unfollowed(Box<Unfollowed>),
    /// How many follows had not been noted before.
    FollowsRead(u64),
    NotificationCreated(Box<Notification>),
    NotificationsRead(NotificationsRead),
    NotificationDeleted(NotificationDeleted),
    Replaced,
    /// Whose the ticket was, if it was good.
    Redeemed(Option<UserId>),
    DeviceRegistered(Box<Device>),
    SettingsChanged(NotificationSettings),
    ProfileUpdated(Person),
}

/// Tells everybody concerned what has happened.
pub fn tell(outcome: &Outcome, asker: &Asker, post: &mut dyn Post) {
    match outcome {
        Outcome::Sent(sent) => send_message::tell(sent, asker, post),
        Outcome::Started(started) => start_conversation::tell(started, asker, post),
        Outcome::MarkedRead(marked) => mark_read::tell(marked, asker, post),
        Outcome::Edited(edited) => edit_message::tell(edited, post),
        Outcome::Deleted(deleted) | Outcome::Moderated(Some(deleted)) => {
            delete_message::tell(deleted, post);
        }
        Outcome::Reacted(reacted) => react::tell(reacted, post),
        Outcome::Followed(followed) => follow_user::tell(followed, post),
        Outcome::NotificationCreated(created) => notify::tell(created, post),
        Outcome::NotificationsRead(read) => read_notifications::tell(read, post),
        Outcome::NotificationDeleted(deleted) => post.unread_changed(deleted.user),
        Outcome::Hidden(conversation) => hide_conversation::tell(*conversation, asker, post),
        Outcome::Recorded
        | Outcome::Moderated(None)
        | Outcome::Registered(_)
        | Outcome::Unfollowed(_)
        | Outcome::FollowsRead(_)
        | Outcome::Replaced
        | Outcome::Redeemed(_)
        | Outcome::DeviceRegistered(_)
        | Outcome::SettingsChanged(_)
        | Outcome::ProfileUpdated(_) => {}
    }
}

/// Tells somebody of a notification that another server has stored, unless he has been told.
pub fn tell_notification(
    notification: &Notification,
    follow: Option<&Follow>,
    post: &mut dyn Post,
) {
    follow_user::tell_once(notification, follow, post);
}

/// Tells a reader what he has marked on another server.
pub fn tell_notifications_read(read: &NotificationsRead, post: &mut dyn Post) {
    read_notifications::tell(read, post);
}

/// Tells its members of a conversation that another server has begun, and that has no message yet.
pub fn tell_begun(position: &Standing, post: &mut dyn Post) {
    start_conversation::tell_begun_elsewhere(position, post);
}

/// Tells somebody that he has taken a conversation out of his list.
pub fn tell_unlisted(conversation: ConversationId, asker: &Asker, post: &mut dyn Post) {
    hide_conversation::tell(conversation, asker, post);
}
