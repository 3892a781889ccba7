//! The speaking half of the bus over Redis: publishes news, keeps the lease of this server's people
//! and reads those of the others, counts against limits of all servers.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, Cmd, Pipeline, RedisError, RedisResult,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    Charge, Heard, Lease, NodeId,
    news::{Movement, encode},
    redis::Shared,
    redis_ears::within,
};
use crate::domain::UserId;

/// What goes together in one round trip.
const SAID_AT_ONCE: usize = 512;

/// Members named in one command.
const MEMBERS_AT_ONCE: usize = 1_000;

/// Longest pause between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Leases are written and read so many times within their lifetime.
const RENEWALS: u32 = 3;

/// Generic cell rate: one number per key, the time at which everything counted so far is paid for, in
/// microseconds of Redis' own clock. What has happened already is counted even beyond the limit, up
/// to ten seconds of debt. Answers how long to wait, in microseconds.
const CHARGE: &str = r"
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local paid = math.max(tonumber(redis.call('GET', KEYS[1]) or 0) or 0, now)
local next = paid + tonumber(ARGV[3]) * interval
local wait = next - (now + burst * interval)
if wait > 0 then
  if ARGV[4] ~= '1' then return wait end
  next = math.min(next, now + burst * interval + 10000000)
end
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000) + 1)
return math.max(wait, 0)
";

/// Something to be said.
#[derive(Debug)]
pub(super) enum Say {
    News {
        to: UserId,
        payload: String,
    },
    Came(UserId),
    Went(UserId),
    Charge {
        charge: Charge,
        reply: oneshot::Sender<Option<Duration>>,
    },
    /// The last words.
    Leave(oneshot::Sender<()>),
}

pub(super) struct Mouth {
    client: Client,
    shared: Arc<Shared>,
    heard: mpsc::Sender<Heard>,
}

/// Why speaking ended.
enum End {
    /// The bus is gone.
    Silence,
    Broken(RedisError),
}

impl From<RedisError> for End {
    fn from(error: RedisError) -> Self {
        Self::Broken(error)
    }
}

impl Mouth {
    pub fn new(client: Client, shared: Arc<Shared>, heard: mpsc::Sender<Heard>) -> Self {
        Self { client, shared, heard }
    }

    /// Speaks until the bus is dropped; connects again as often as need be.
    pub async fn run(self, mut sayings: mpsc::Receiver<Say>) {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.connect().await {
                Ok(mut connection) => {
                    pause = Duration::from_millis(50);
                    let end = self.speak(&mut connection, &mut sayings).await;
                    self.shared.speaks.store(false, Ordering::Relaxed);
                    match end {
                        End::Silence => return,
                        End::Broken(error) => {
                            self.shared.counters.lost();
                            tracing::warn!(%error, "lost the connection that speaks to Redis");
                        }
                    }
                }
                Err(error) => tracing::debug!(%error, "cannot speak to Redis"),
            }
            if !self.be_silent(pause, &mut sayings).await {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.shared.timeout))
            .set_response_timeout(Some(self.shared.timeout));
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        within(self.shared.timeout, connecting).await
    }

    /// Drops what is said while nobody can be reached. `false` when the bus is gone.
    async fn be_silent(&self, pause: Duration, sayings: &mut mpsc::Receiver<Say>) -> bool {
        let until = Instant::now() + pause;
        loop {
            tokio::select! {
                say = sayings.recv() => match say {
                    None | Some(Say::Leave(_)) => return false,
                    Some(say) => self.dropped(&say),
                },
                () = sleep_until(until) => return true,
            }
        }
    }

    fn dropped(&self, say: &Say) {
        if matches!(say, Say::News { .. }) {
            self.shared.counters.dropped(1);
        }
    }

    async fn speak(
        &self,
        connection: &mut MultiplexedConnection,
        sayings: &mut mpsc::Receiver<Say>,
    ) -> End {
        let mut renewals = interval(self.shared.lease / RENEWALS);
        renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // The first tick is at once: a new connection begins with a new lease.
            let step = tokio::select! {
                _ = renewals.tick() => self.renew(connection).await,
                say = sayings.recv() => match say {
                    None => return End::Silence,
                    Some(say) => self.say(say, connection, sayings).await,
                },
            };
            match step {
                Ok(()) => self.shared.speaks.store(true, Ordering::Relaxed),
                Err(End::Broken(error)) if !is_broken(&error) => {
                    // It lives and refuses: out of memory, or not allowed.
                    if self.shared.speaks.swap(false, Ordering::Relaxed) {
                        tracing::warn!(%error, "Redis refuses");
                    }
                }
                Err(end) => return end,
            }
        }
    }

    /// Says one thing, and what else waits, in one round trip.
    async fn say(
        &self,
        first: Say,
        connection: &mut MultiplexedConnection,
        sayings: &mut mpsc::Receiver<Say>,
    ) -> Result<(), End> {
        let mut batch = vec![first];
        while batch.len() < SAID_AT_ONCE
            && let Ok(say) = sayings.try_recv()
        {
            batch.push(say);
        }
        let (mut pipeline, mut replies, mut leaving) = (Pipeline::new(), vec![], None);
        let mut news = 0;
        for say in batch {
            match say {
                Say::News { to, payload } => {
                    news += 1;
                    pipeline.publish(self.shared.channel(to), payload).ignore();
                }
                Say::Came(user) => self.move_to(&mut pipeline, user, true),
                Say::Went(user) => self.move_to(&mut pipeline, user, false),
                Say::Charge { charge, reply } => {
                    pipeline.add_command(self.charge(&charge));
                    replies.push(reply);
                }
                Say::Leave(done) => leaving = Some(done),
            }
        }
        if let Some(done) = leaving {
            pipeline.del(self.lease_key(self.shared.node)).ignore();
            pipeline.srem(self.nodes_key(), self.shared.node.key()).ignore();
            let left = within(self.shared.timeout, pipeline.exec_async(connection)).await;
            if let Err(error) = left {
                tracing::debug!(%error, "could not take leave");
            }
            done.send(()).ok();
            return Err(End::Silence);
        }
        let answers: RedisResult<Vec<i64>> =
            within(self.shared.timeout, pipeline.query_async(connection)).await;
        let answers = answers.inspect_err(|_error| {
            self.shared.counters.dropped(news);
        })?;
        for (reply, wait) in replies.into_iter().zip(answers) {
            let wait = u64::try_from(wait).unwrap_or(0);
            // Whoever asked may have given up.
            reply.send((wait > 0).then(|| Duration::from_micros(wait))).ok();
        }
        Ok(())
    }

    fn charge(&self, charge: &Charge) -> Cmd {
        let interval = u64::try_from(charge.interval.as_micros()).unwrap_or(u64::MAX);
        let mut command = redis::cmd("EVAL");
        command.arg(CHARGE).arg(1).arg(format!("{}{}", self.shared.prefix, charge.key));
        command.arg(interval).arg(charge.burst).arg(charge.amount).arg(u8::from(charge.is_done));
        command
    }

    fn move_to(&self, pipeline: &mut Pipeline, user: UserId, has_come: bool) {
        let key = self.lease_key(self.shared.node);
        let movement = if has_come {
            pipeline.sadd(&key, user.0).ignore();
            // The first one makes the lease, which must not outlive its server.
            pipeline.expire(&key, self.lease_seconds()).ignore();
            Movement::Came { user }
        } else {
            pipeline.srem(key, user.0).ignore();
            Movement::Went { user }
        };
        let payload = encode(self.shared.node, &movement);
        pipeline.publish(self.shared.presence_channel(), payload).ignore();
    }

    /// Writes the lease of this server anew, and reads those of the others.
    async fn renew(&self, connection: &mut MultiplexedConnection) -> Result<(), End> {
        let (own, nodes_key) = (self.lease_key(self.shared.node), self.nodes_key());
        let mut write = Pipeline::new();
        write.atomic().del(&own).ignore();
        for users in self.shared.present().chunks(MEMBERS_AT_ONCE) {
            let ids: Vec<_> = users.iter().map(|user| user.0).collect();
            write.sadd(&own, ids).ignore();
        }
        write.expire(&own, self.lease_seconds()).ignore();
        write.sadd(&nodes_key, self.shared.node.key()).ignore();
        within(self.shared.timeout, write.exec_async(connection)).await?;

        let members = Cmd::smembers(&nodes_key);
        let listed: Vec<String> =
            within(self.shared.timeout, members.query_async(connection)).await?;
        let mut leases = vec![];
        for key in listed {
            let Some(node) = NodeId::parse(&key).filter(|node| *node != self.shared.node) else {
                continue;
            };
            let users = Cmd::smembers(self.lease_key(node));
            let users: Vec<String> =
                within(self.shared.timeout, users.query_async(connection)).await?;
            if users.is_empty() {
                // Nobody is there, or it has died; if not, it lists itself again.
                let forget = Cmd::srem(&nodes_key, &key);
                within(self.shared.timeout, forget.exec_async(connection)).await?;
            } else {
                leases.push(Lease::parse(node, &users));
            }
        }
        if self.heard.send(Heard::Leases(leases)).await.is_err() {
            return Err(End::Silence);
        }
        Ok(())
    }

    fn lease_seconds(&self) -> i64 {
        i64::try_from(self.shared.lease.as_secs()).unwrap_or(i64::MAX)
    }

    fn lease_key(&self, node: NodeId) -> String {
        format!("{}node:{}", self.shared.prefix, node.key())
    }

    fn nodes_key(&self) -> String {
        format!("{}nodes", self.shared.prefix)
    }
}

/// Whether the connection is of no more use.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_timeout() || error.is_unrecoverable_error()
}
