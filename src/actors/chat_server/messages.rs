//! What can be said to the chat server.

use std::sync::Arc;

use actix::{Message, Recipient};
use tokio::{sync::oneshot, time::Instant};

use crate::{
    actors::connection::{ConnectionState, ToSession},
    commands::{Asker, Command, CommandError, ConnectionId, Outcome, SocketKind},
    domain::{ConversationId, Person, UserId},
    storage::Undelivered,
};

/// Where the outcome of a command goes besides the connections.
pub type Reply = Option<oneshot::Sender<Result<Outcome, CommandError>>>;

/// Carry out a command.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Execute {
    pub command: Command,
    pub asker: Asker,
    /// For askers without a connection.
    pub reply: Reply,
}

/// Commands that are stored or refused, in the order of their commit.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Committed(pub Vec<Settled>);

/// One command whose fate is known.
#[derive(Debug)]
pub struct Settled {
    pub outcome: Result<Outcome, CommandError>,
    pub asker: Asker,
    pub reply: Reply,
    /// When the chat server took it.
    pub since: Instant,
    /// It was answered with an error before it was known to be stored.
    pub is_late: bool,
}

/// A session opens. Once this is answered, it misses nothing.
#[derive(Debug, Message)]
#[rtype(result = "Result<Connected, Refused>")]
pub struct Connect {
    pub id: ConnectionId,
    pub kind: SocketKind,
    pub person: Person,
    /// Whom he shares a conversation with. Needed with his first connection only: without it the
    /// answer may be [`Refused::PeersNeeded`].
    pub peers: Option<Vec<UserId>>,
    pub session: Recipient<ToSession>,
    pub state: Arc<ConnectionState>,
    pub wants_aliases: bool,
}

/// A session is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The person had no connection to this endpoint: what was sent meanwhile has not reached him.
    pub is_first_of_kind: bool,
    /// The person had no connection at all, or nobody knows from where on he is told: with other servers at work, say how far his conversations
    /// have come ([`super::Base`]).
    pub is_first: bool,
}

/// A session is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The server is stopping.
    Draining,
    /// Say whom the person shares a conversation with.
    PeersNeeded,
}

/// A connection wants to hear more of a conversation, or no longer. The asker has checked that its
/// person belongs to it.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Join {
    pub id: ConnectionId,
    pub conversation: ConversationId,
    pub is_joining: bool,
}

/// Somebody types, or has stopped. The asker has checked that he belongs to the conversation.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct Typing {
    pub person: Person,
    pub connection: Option<ConnectionId>,
    pub conversation: ConversationId,
    pub peer: UserId,
    pub is_typing: bool,
    /// Another server has said so.
    pub is_elsewhere: bool,
}

/// Messages that were sent while their recipient was away; he is connected now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct CaughtUp {
    pub recipient: Person,
    pub messages: Vec<Undelivered>,
}

/// A session has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Disconnect {
    pub id: ConnectionId,
}

/// Answered by an actor that runs.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Ping;

/// Refuse new commands and new sessions from now on.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct BeginDrain;

/// Tell every session to come back later and close it; answered when none is left.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct CloseAll;
