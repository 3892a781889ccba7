//! Telling people: what a verb needs to know of the chat server.

use crate::{
    domain::{ClientId, ConversationId, NotificationId, OnlineUsers, Seq, Timestamp, UserId},
    protocol::Frames,
};

/// One open connection of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Who asked, and where the answer goes.
#[derive(Clone, Debug)]
pub struct Asker {
    pub user: UserId,
    /// `None` for a REST request: its answer is the HTTP response.
    pub connection: Option<ConnectionId>,
    /// The asker's own name for the message, echoed in the answer.
    pub client_id: Option<ClientId>,
}

/// Which endpoint a connection was opened on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SocketKind {
    /// `/ws/chat/`
    Chat,
    /// `/ws/messaging/`
    Messaging,
    /// `/ws/notifications/`
    Notifications,
}

/// The endpoints whose listeners an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Chat,
    Messaging,
    ChatAndMessaging,
    MessagingAndNotifications,
    Notifications,
}

impl Audience {
    pub const fn includes(self, kind: SocketKind) -> bool {
        match kind {
            SocketKind::Chat => matches!(self, Self::Chat | Self::ChatAndMessaging),
            SocketKind::Messaging => matches!(
                self,
                Self::Messaging | Self::ChatAndMessaging | Self::MessagingAndNotifications
            ),
            SocketKind::Notifications => {
                matches!(self, Self::Notifications | Self::MessagingAndNotifications)
            }
        }
    }
}

/// Carries events to people who are connected. Never waits.
pub trait Post {
    /// Whether at least one connection of `user` took the event.
    fn to_user(&mut self, user: UserId, audience: Audience, frames: &Frames) -> bool;

    /// To those connections of `user` on `/ws/messaging/` that have joined the conversation.
    fn to_joined(&mut self, user: UserId, conversation: ConversationId, frames: &Frames);

    /// To one connection only.
    fn to_connection(&mut self, connection: ConnectionId, frames: &Frames);

    /// Whether a connection is one of this audience.
    fn listens(&self, connection: ConnectionId, audience: Audience) -> bool;

    /// Whether anybody would take an event for `user`, so that none is encoded in vain.
    fn is_connected(&self, user: UserId, audience: Audience) -> bool;

    /// Notes that a message has reached `user`.
    fn record_delivery(&mut self, conversation: ConversationId, user: UserId, seq: Seq);

    /// Whether `user` has not been told of this notification yet; from now on he has.
    fn is_untold(&mut self, user: UserId, notification: NotificationId) -> bool;

    /// Notes that these two share a conversation now and hear of each other's presence.
    fn acquainted(&mut self, one: UserId, other: UserId);

    /// Notes that a conversation has come into the list of `user`, for the first time or again; he is
    /// shown it soon.
    fn conversation_appeared(&mut self, user: UserId, conversation: ConversationId);

    /// Notes that the unread counts of `user` have changed; he is sent the new ones soon.
    fn unread_changed(&mut self, user: UserId);

    fn online(&self) -> &OnlineUsers;

    fn now(&self) -> Timestamp;
}
