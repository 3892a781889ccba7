//! Knows who is connected to this process, hands commands to the db executor and carries what
//! came of them to everybody concerned.
//!
//! Invariant: it never waits, neither for the database nor for a slow client.

mod appearances;
mod deactivation;
mod execute;
mod fan_out;
mod lifecycle;
mod messages;
mod nodes;
mod presence;
mod registry;
mod relief;
mod typing;
mod unread;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix::{Actor, Addr, AsyncContext, Context};
use tokio::sync::Notify;

pub use messages::{
    BeginDrain, CaughtUp, CloseAll, Committed, Connect, Connected, Disconnect, Execute, Join, Ping,
    Refused, Reply, Settled, Typing,
};

use super::{DbExecutor, WriteQueue};
use crate::{
    cluster::Bus,
    commands::{ConnectionId, Priority},
    config::Config,
    domain::{OnlineUsers, Timestamp, clock},
    edge::Memory,
    protocol::CloseCode,
    storage::Storage,
};
use appearances::Appearances;
pub use nodes::{
    Base, BaseState, DeliveriesWritten, HeardFromOthers, NOTICES_WINDOW, NoticesBase,
    POSITIONS_MAX, hand_on,
};
use nodes::{Elsewhere, Nodes};
use presence::Presence;
use registry::Registry;
use typing::Typists;
use unread::UnreadCounts;

/// Messages from all sessions and requests that may wait here.
const MAILBOX: usize = 10_000;

/// How often silent connections are looked for.
const SWEEP: Duration = Duration::from_secs(5);

/// The settings the chat server goes by.
#[derive(Clone, Debug)]
pub struct ChatServerConfig {
    /// Most commands that may wait to be stored.
    pub queue_max: usize,
    /// Bytes that may wait for one connection.
    pub outbound_bytes: usize,
    /// Most connections of one person; 0 = no limit.
    pub sockets_per_user: usize,
    /// A connection silent for longer is dead, whether or not its session can still say so.
    pub silence: Duration,
    /// Memory the process may take, in MiB; 0 = no limit.
    pub memory_mib: u64,
    /// How long somebody without a connection still counts as online.
    pub presence_grace: Duration,
    /// How often the database is asked for what other servers have done.
    pub sweep: Duration,
    /// Connections to the database that reading what they have done may take.
    pub reads: usize,
    /// How long another server is believed to live whose lease is gone.
    pub patience: Duration,
}

impl From<&Config> for ChatServerConfig {
    fn from(config: &Config) -> Self {
        let server = &config.server;
        Self {
            queue_max: config.database.queue_max,
            outbound_bytes: config.limits.outbound_bytes,
            sockets_per_user: config.limits.sockets_per_user,
            memory_mib: config.limits.memory_mib,
            presence_grace: Duration::from_secs(server.presence_grace_seconds),
            sweep: Duration::from_secs(config.redis.sweep_seconds),
            reads: usize::try_from(config.database.read_connections / 2).unwrap_or(1).max(1),
            patience: Duration::from_secs(config.redis.lease_seconds) / 2,
            // Two pings and the grace of the second.
            silence: Duration::from_secs(2 * server.ping_seconds + server.pong_seconds + 5),
        }
    }
}

/// The one router of this process.
#[derive(Debug)]
pub struct ChatServer {
    config: ChatServerConfig,
    registry: Registry,
    presence: Presence,
    typists: Typists,
    unread: UnreadCounts,
    /// `None` for a server that is alone.
    nodes: Option<Nodes>,
    appearances: Appearances,
    memory: Memory,
    /// Connections that could not take an event and are about to be ended.
    failed: Vec<(ConnectionId, CloseCode)>,
    db_executor: Addr<DbExecutor>,
    storage: Storage,
    /// Commands handed to the db executor and not answered yet.
    in_flight: Arc<AtomicUsize>,
    /// How long they wait.
    write_queue: Arc<WriteQueue>,
    draining: bool,
    looking_for_deactivated: bool,
    /// Told when the last connection has gone.
    nobody_left: Arc<Notify>,
    /// The time of the events being told.
    now: Timestamp,
}

impl ChatServer {
    pub fn new(
        config: ChatServerConfig,
        db_executor: Addr<DbExecutor>,
        storage: Storage,
        online: OnlineUsers,
        bus: Arc<dyn Bus>,
        write_queue: Arc<WriteQueue>,
    ) -> Self {
        let nodes = bus.reaches_others().then(|| Nodes::new(bus, config.reads));
        let elsewhere = nodes.as_ref().map(|_| Elsewhere::new(config.patience));
        Self {
            registry: Registry::new(config.outbound_bytes),
            presence: Presence::new(online, elsewhere),
            nodes,
            typists: Typists::default(),
            unread: UnreadCounts::default(),
            appearances: Appearances::default(),
            memory: Memory::new(config.memory_mib),
            failed: vec![],
            config,
            db_executor,
            storage,
            in_flight: Arc::default(),
            write_queue,
            draining: false,
            looking_for_deactivated: false,
            nobody_left: Arc::default(),
            now: clock::now(),
        }
    }

    fn has_room_for(&self, priority: Priority) -> bool {
        self.in_flight.load(Ordering::Relaxed) < self.config.queue_max
            && self.write_queue.has_room_for(priority)
    }
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        if self.nodes.is_some() {
            Self::sweep_every(self.config.sweep, ctx);
        }
        ctx.run_interval(deactivation::EVERY, Self::look_for_deactivated);
        ctx.run_interval(SWEEP, |chat_server, ctx| {
            for id in chat_server.registry.silent_for(chat_server.config.silence) {
                chat_server.drop_connection(id, CloseCode::SlowConsumer, ctx);
            }
            chat_server.relieve(ctx);
            chat_server.expire_typing();
            chat_server.tell_delayed_presence(ctx);
        });
    }
}
