//! What can be said to the chat server.

use std::sync::Arc;

use actix::{Message, Recipient};
use tokio::sync::oneshot;

use crate::{
    actors::connection::{ConnectionState, ToSession},
    commands::{Asker, Command, CommandError, ConnectionId, Outcome},
    domain::Person,
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
}

/// A session opens. Once this is answered, it misses nothing.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), Refused>")]
pub struct Connect {
    pub id: ConnectionId,
    pub person: Person,
    pub session: Recipient<ToSession>,
    pub state: Arc<ConnectionState>,
    pub wants_aliases: bool,
}

/// No new session: the server is stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// A session has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Disconnect {
    pub id: ConnectionId,
}

/// Refuse new commands and new sessions from now on.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct BeginDrain;

/// Tell every session to come back later and close it; answered when none is left.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct CloseAll;
