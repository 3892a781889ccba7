//! The bus over Redis: what it keeps, and how it is started. Talking and listening have a connection
//! and a task each, so that neither waits for the other.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{Client, ConnectionInfo, IntoConnectionInfo, ProtocolVersion};
use tokio::sync::{mpsc, oneshot};

use super::{
    Bus, Charge, Counters, HEARD_MAX, Heard, Later, News, NodeId,
    news::encode,
    redis_ears::{Ear, Ears},
    redis_mouth::{Mouth, Say},
};
use crate::{config::RedisConfig, domain::UserId};

/// What may wait to be said. Beyond, it is dropped: the others find it in the database.
const SAY_MAX: usize = 10_000;

/// How long somebody who is expected is listened for.
const EXPECTED_FOR: Duration = Duration::from_secs(30);

/// How long a person who connects may wait for Redis.
const EXPECT_PATIENCE: Duration = Duration::from_millis(250);

/// How long an answer to a charge is waited for.
const CHARGE_PATIENCE: Duration = Duration::from_millis(500);

/// How long taking leave may take.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Why there can be no bus.
#[derive(Debug, thiserror::Error)]
#[error("redis.url: {0}")]
pub struct BusError(#[from] redis::RedisError);

/// Wakes other servers up by Redis' publish and subscribe. Dropping it ends its tasks.
#[derive(Debug)]
pub struct RedisBus {
    shared: Arc<Shared>,
    ears: mpsc::Sender<Ear>,
    mouth: mpsc::Sender<Say>,
}

/// What both tasks go by.
#[derive(Debug)]
pub(super) struct Shared {
    pub node: NodeId,
    pub prefix: String,
    pub timeout: Duration,
    pub lease: Duration,
    pub counters: Counters,
    pub hears: AtomicBool,
    pub speaks: AtomicBool,
    /// An order to listen found no room: compare with `people`.
    pub must_compare: AtomicBool,
    people: Mutex<HashMap<UserId, Held>>,
}

/// Why somebody is listened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    ExpectedSince(Instant),
    Present,
}

impl RedisBus {
    /// Starts without waiting for Redis, which may come later. `heard` takes what other servers say.
    pub fn start(config: &RedisConfig, heard: mpsc::Sender<Heard>) -> Result<Self, BusError> {
        let client = Client::open(connection_info(config)?)?;
        let shared = Arc::new(Shared {
            node: NodeId::generate(),
            prefix: config.channel_prefix.clone(),
            timeout: Duration::from_secs(config.timeout_seconds),
            lease: Duration::from_secs(config.lease_seconds),
            counters: Counters::default(),
            hears: AtomicBool::new(false),
            speaks: AtomicBool::new(false),
            must_compare: AtomicBool::new(false),
            people: Mutex::default(),
        });
        let (ears, orders) = mpsc::channel(HEARD_MAX);
        let (mouth, sayings) = mpsc::channel(SAY_MAX);
        tokio::spawn(Ears::new(client.clone(), shared.clone(), heard.clone()).run(orders));
        tokio::spawn(Mouth::new(client, shared.clone(), heard).run(sayings));
        Ok(Self { shared, ears, mouth })
    }

    fn say(&self, say: Say) -> bool {
        self.mouth.try_send(say).is_ok()
    }

    fn look_at(&self, ear: Ear) {
        if self.ears.try_send(ear).is_err() {
            self.shared.must_compare.store(true, Ordering::Relaxed);
        }
    }
}

/// Push messages of subscriptions need the newer protocol.
fn connection_info(config: &RedisConfig) -> Result<ConnectionInfo, BusError> {
    let info = config.url.expose().into_connection_info()?;
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(settings))
}

impl Shared {
    pub fn channel(&self, user: UserId) -> String {
        format!("{}user:{user}", self.prefix)
    }

    /// The person a channel belongs to.
    pub fn user_of(&self, channel: &str) -> Option<UserId> {
        channel.strip_prefix(&self.prefix)?.strip_prefix("user:")?.parse().ok().map(UserId)
    }

    pub fn presence_channel(&self) -> String {
        format!("{}presence", self.prefix)
    }

    /// Everybody who is listened for.
    pub fn people(&self) -> Vec<UserId> {
        self.held().keys().copied().collect()
    }

    pub fn present(&self) -> Vec<UserId> {
        let held = self.held();
        held.iter().filter(|(_, held)| **held == Held::Present).map(|(user, _)| *user).collect()
    }

    pub fn holds(&self, user: UserId) -> bool {
        self.held().contains_key(&user)
    }

    /// Forgets those who were expected and did not come.
    pub fn forget_missing(&self) -> Vec<UserId> {
        let now = Instant::now();
        self.held()
            .extract_if(|_user, held| match held {
                Held::ExpectedSince(since) => now - *since > EXPECTED_FOR,
                Held::Present => false,
            })
            .map(|(user, _)| user)
            .collect()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<UserId, Held>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bus for RedisBus {
    fn reaches_others(&self) -> bool {
        true
    }

    fn publish(&self, to: UserId, news: &News) {
        self.shared.counters.published();
        if !self.say(Say::News { to, payload: encode(self.shared.node, news) }) {
            self.shared.counters.dropped(1);
        }
    }

    fn expect(&self, user: UserId) -> Later<()> {
        let is_new = {
            let mut held = self.shared.held();
            let is_new = !held.contains_key(&user);
            held.entry(user).or_insert_with(|| Held::ExpectedSince(Instant::now()));
            is_new
        };
        if !is_new || !self.shared.hears.load(Ordering::Relaxed) {
            return Box::pin(async {});
        }
        let (listening, is_listening) = oneshot::channel();
        self.look_at(Ear { user, done: Some(listening) });
        Box::pin(async move {
            drop(tokio::time::timeout(EXPECT_PATIENCE, is_listening).await);
        })
    }

    fn arrive(&self, user: UserId) {
        self.shared.held().insert(user, Held::Present);
        self.look_at(Ear { user, done: None });
        // A lease that does not say so is written anew soon.
        self.say(Say::Came(user));
    }

    fn depart(&self, user: UserId) {
        self.shared.held().remove(&user);
        self.look_at(Ear { user, done: None });
        self.say(Say::Went(user));
    }

    fn charge(&self, charge: Charge) -> Later<Option<Option<Duration>>> {
        if !self.shared.speaks.load(Ordering::Relaxed) {
            return Box::pin(async { None });
        }
        let (reply, answer) = oneshot::channel();
        if !self.say(Say::Charge { charge, reply }) {
            return Box::pin(async { None });
        }
        Box::pin(async move {
            tokio::time::timeout(CHARGE_PATIENCE, answer).await.ok().and_then(Result::ok)
        })
    }

    fn is_well(&self) -> bool {
        self.shared.hears.load(Ordering::Relaxed) && self.shared.speaks.load(Ordering::Relaxed)
    }

    fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    fn close(&self) -> Later<()> {
        let mouth = self.mouth.clone();
        let leave = async move {
            let (done, is_done) = oneshot::channel();
            if mouth.send(Say::Leave(done)).await.is_ok() {
                drop(is_done.await);
            }
        };
        Box::pin(async move {
            drop(tokio::time::timeout(CLOSE_PATIENCE, leave).await);
        })
    }
}
