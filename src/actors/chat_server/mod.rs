//! Knows who is connected to this process, hands commands to the db executor and carries what
//! came of them to everybody concerned.
//!
//! Invariant: it never waits, neither for the database nor for a slow client.

mod execute;
mod fan_out;
mod lifecycle;
mod messages;
mod registry;

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
    BeginDrain, CloseAll, Committed, Connect, Disconnect, Execute, Refused, Reply, Settled,
};

use super::DbExecutor;
use crate::{
    config::Config,
    domain::{OnlineUsers, Timestamp, clock},
    storage::Storage,
};
use registry::Registry;

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
    /// A connection silent for longer is dead, whether or not its session can still say so.
    pub silence: Duration,
}

impl From<&Config> for ChatServerConfig {
    fn from(config: &Config) -> Self {
        let server = &config.server;
        Self {
            queue_max: config.database.queue_max,
            outbound_bytes: config.limits.outbound_bytes,
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
    db_executor: Addr<DbExecutor>,
    storage: Storage,
    /// Commands handed to the db executor and not answered yet.
    in_flight: Arc<AtomicUsize>,
    draining: bool,
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
    ) -> Self {
        Self {
            registry: Registry::new(online, config.outbound_bytes),
            config,
            db_executor,
            storage,
            in_flight: Arc::default(),
            draining: false,
            nobody_left: Arc::default(),
            now: clock::now(),
        }
    }

    fn has_room(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) < self.config.queue_max
    }
}

impl Actor for ChatServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(SWEEP, |chat_server, _ctx| {
            let silence = chrono::Duration::from_std(chat_server.config.silence);
            let deadline = clock::now() - silence.unwrap_or(chrono::Duration::MAX);
            chat_server.registry.close_silent(deadline);
        });
    }
}
