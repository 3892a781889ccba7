//! Telling people: what a verb needs to know of the chat server.

use crate::{
    domain::{ClientId, ConversationId, OnlineUsers, Seq, Timestamp, UserId},
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

/// Carries events to people who are connected. Never waits.
pub trait Post {
    /// Whether at least one connection of `user` took the event.
    fn to_user(&mut self, user: UserId, frames: &Frames) -> bool;

    /// To one connection only.
    fn to_connection(&mut self, connection: ConnectionId, frames: &Frames);

    /// Whether anybody would take an event for `user`, so that none is encoded in vain.
    fn is_connected(&self, user: UserId) -> bool;

    /// Notes that a message has reached `user`.
    fn record_delivery(&mut self, conversation: ConversationId, user: UserId, seq: Seq);

    fn online(&self) -> &OnlineUsers;

    fn now(&self) -> Timestamp;
}
