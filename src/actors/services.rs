//! All a door may hold: what it needs to turn a request into an answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use actix::Addr;
use tokio::sync::oneshot;

use super::{ChatServer, Execute, Typing, WriteQueue};
use crate::{
    auth::TokenKeys,
    cluster::Bus,
    commands::{Asker, Command, CommandError, ConnectionId, Outcome, Priority},
    config::Config,
    domain::{ConversationId, OnlineUsers, Person, UserId},
    edge::Edge,
    storage::Storage,
};

/// Longest a request waits for its command. It may still be stored: a repeat with the same
/// `client_id` finds it.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);

/// Shared by every worker. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Services(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    storage: Storage,
    keys: TokenKeys,
    online: OnlineUsers,
    edge: Edge,
    bus: Arc<dyn Bus>,
    chat_server: Addr<ChatServer>,
    write_queue: Arc<WriteQueue>,
    draining: AtomicBool,
    connections_made: AtomicU64,
}

impl Services {
    pub fn new(
        config: Config,
        storage: Storage,
        keys: TokenKeys,
        online: OnlineUsers,
        edge: Edge,
        bus: Arc<dyn Bus>,
        (chat_server, write_queue): (Addr<ChatServer>, Arc<WriteQueue>),
    ) -> Self {
        Self(Arc::new(Inner {
            config,
            storage,
            keys,
            online,
            edge,
            bus,
            chat_server,
            write_queue,
            draining: AtomicBool::new(false),
            connections_made: AtomicU64::new(0),
        }))
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn storage(&self) -> &Storage {
        &self.0.storage
    }

    pub fn keys(&self) -> &TokenKeys {
        &self.0.keys
    }

    pub fn online(&self) -> &OnlineUsers {
        &self.0.online
    }

    pub fn edge(&self) -> &Edge {
        &self.0.edge
    }

    /// The way to the other servers.
    pub fn bus(&self) -> &Arc<dyn Bus> {
        &self.0.bus
    }

    pub fn chat_server(&self) -> &Addr<ChatServer> {
        &self.0.chat_server
    }

    /// Whether writes wait so briefly that there is time for this.
    pub fn has_room_for(&self, priority: Priority) -> bool {
        self.0.write_queue.has_room_for(priority)
    }

    pub fn next_connection_id(&self) -> ConnectionId {
        ConnectionId(self.0.connections_made.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Whether the server is about to stop.
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    pub fn begin_drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// Tells the others that somebody types or has stopped. `false` if it is no conversation of his:
    /// then nobody hears of it. Nor if he says so too often, or if writes have to wait.
    pub async fn type_in(
        &self,
        connection: Option<ConnectionId>,
        person: Person,
        conversation: ConversationId,
        is_typing: bool,
    ) -> bool {
        if self.edge().rates.typing.check(&person.id).is_err() {
            return true;
        }
        if !self.has_room_for(Priority::Typing) {
            return true;
        }
        let companions = match self.storage().companions(conversation, person.id).await {
            Ok(Some(companions)) => companions,
            Ok(None) => return false,
            Err(error) => {
                tracing::warn!(%error, "could not look up a conversation");
                return false;
            }
        };
        let Some(peer) = companions.first().copied() else { return true };
        let typing =
            Typing { person, connection, conversation, peer, is_typing, is_elsewhere: false };
        if self.chat_server().try_send(typing).is_err() {
            tracing::debug!("the chat server is busy: nobody hears of somebody typing");
        }
        true
    }

    /// Carries out a command for a request without a connection of its own.
    pub async fn execute(&self, command: Command, user: UserId) -> Result<Outcome, CommandError> {
        let (reply, outcome) = oneshot::channel();
        let asker = Asker { user, connection: None, client_id: None };
        self.chat_server()
            .try_send(Execute { command, asker, reply: Some(reply) })
            .map_err(|_full_or_closed| CommandError::Overloaded)?;
        match tokio::time::timeout(COMMAND_TIMEOUT, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_dropped)) => Err(CommandError::Internal),
            Err(_elapsed) => Err(CommandError::Unavailable),
        }
    }
}
