//! How the servers of one database hear of each other: what changed, and who is connected where.
//!
//! A bus only wakes up. What it says are ids and numbers; whoever hears them reads the database and
//! tells what is there. So a bus may lose, repeat, reorder or invent: nobody is told anything the
//! database does not hold, and a regular comparison with the database finds what was lost.

mod leases;
mod local;
mod news;
mod redis;
mod redis_ears;
mod redis_mouth;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

pub use self::redis::{BusError, RedisBus};
pub use leases::{Presences, Shift};
pub use local::{LocalBus, LocalHub};
pub use news::{MalformedNews, News, NodeId};

use crate::{domain::UserId, telemetry::metrics};

/// What may wait for the chat server. Beyond, the bus says [`Heard::Deaf`].
pub const HEARD_MAX: usize = 10_000;

/// Something that takes a while.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a bus has to say to its own server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Another server has news for somebody who may be connected here.
    News { to: UserId, news: News },
    /// Somebody has opened his first connection to another server.
    Came { node: NodeId, user: UserId },
    /// Somebody has closed his last connection to another server.
    Went { node: NodeId, user: UserId },
    /// Who is connected to the other servers, all of them: what was said before may be wrong.
    Leases(Vec<Lease>),
    /// Something may have been missed: compare everything with the database.
    Deaf,
}

/// The people connected to one of the other servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub node: NodeId,
    pub users: Vec<UserId>,
}

/// A limit that all servers count together: `burst` at once, then one more every `interval`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What is counted, without the prefix of the bus.
    pub key: String,
    pub amount: u32,
    pub interval: Duration,
    pub burst: u32,
    /// Whether it counts although it is too much: it has happened already.
    pub is_done: bool,
}

/// The way to the other servers of the database. Nothing of it waits, fails or promises anything:
/// what it carries helps, and is repaired when it does not arrive.
pub trait Bus: fmt::Debug + Send + Sync {
    /// Whether there may be other servers at all.
    fn reaches_others(&self) -> bool;

    /// Wakes the other servers `to` is connected to.
    fn publish(&self, to: UserId, news: &News);

    /// Begins to listen for news for `user`, who is about to connect; resolves when that is so, or
    /// soon. Forgotten after a while unless he arrives.
    fn expect(&self, user: UserId) -> Later<()>;

    /// `user` is connected here now: listens for news for him and tells the others.
    fn arrive(&self, user: UserId);

    /// `user` is not connected here any more.
    fn depart(&self, user: UserId);

    /// Counts something against a limit of all servers. `Some(None)` if it is within the limit,
    /// `Some(Some(wait))` if not, `None` if nobody knows.
    fn charge(&self, charge: Charge) -> Later<Option<Option<Duration>>>;

    /// Whether it works as far as is known.
    fn is_well(&self) -> bool;

    fn counters(&self) -> &Counters;

    /// Takes leave of the others.
    fn close(&self) -> Later<()>;
}

/// What has happened on a bus since the start.
#[derive(Debug, Default)]
pub struct Counters {
    /// News handed to the bus.
    pub published: AtomicU64,
    /// News that could not be handed on: the queue was full or Redis away.
    pub dropped: AtomicU64,
    /// News heard from other servers.
    pub heard: AtomicU64,
    /// What came over the bus and was no news.
    pub malformed: AtomicU64,
    /// How often the server began to listen.
    pub listens: AtomicU64,
    /// How often the connection was lost.
    pub lost: AtomicU64,
}

impl Counters {
    fn published(&self) {
        self.published.fetch_add(1, Ordering::Relaxed);
        metrics().bus_published.increment(1);
    }

    fn dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
        metrics().bus_dropped.increment(count);
    }

    fn heard(&self) {
        self.heard.fetch_add(1, Ordering::Relaxed);
        metrics().bus_heard.increment(1);
    }

    fn malformed(&self) {
        self.malformed.fetch_add(1, Ordering::Relaxed);
        metrics().bus_malformed.increment(1);
    }

    fn listens(&self) {
        self.listens.fetch_add(1, Ordering::Relaxed);
        metrics().bus_listens.increment(1);
    }

    fn lost(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        metrics().bus_lost.increment(1);
    }
}
