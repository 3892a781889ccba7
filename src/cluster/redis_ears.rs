//! The listening half of the bus over Redis: one subscription for each person with a session here.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, PushInfo, PushKind, RedisResult, Value,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    HEARD_MAX, Heard, News,
    news::{Movement, decode},
    redis::Shared,
};
use crate::domain::UserId;

/// How often Redis is asked whether it lives.
const PING: Duration = Duration::from_secs(1);

/// Channels named in one command.
const CHANNELS_AT_ONCE: usize = 500;

/// Longest pause between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// See whether this person is to be listened for.
#[derive(Debug)]
pub(super) struct Ear {
    pub user: UserId,
    pub done: Option<oneshot::Sender<()>>,
}

pub(super) struct Ears {
    client: Client,
    shared: Arc<Shared>,
    heard: mpsc::Sender<Heard>,
}

/// A connection that listens.
struct Line {
    connection: MultiplexedConnection,
    pushes: mpsc::Receiver<PushInfo>,
    /// A push found no room.
    has_missed: Arc<AtomicBool>,
    subscribed: HashSet<UserId>,
}

impl Ears {
    pub fn new(client: Client, shared: Arc<Shared>, heard: mpsc::Sender<Heard>) -> Self {
        Self { client, shared, heard }
    }

    /// Listens until the bus is dropped; connects again as often as need be.
    pub async fn run(self, mut orders: mpsc::Receiver<Ear>) {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.connect().await {
                Ok(mut line) => {
                    tracing::info!("listening to Redis");
                    self.shared.counters.listens();
                    self.shared.hears.store(true, Ordering::Relaxed);
                    pause = Duration::from_millis(50);
                    // Whatever was said before nobody has heard.
                    if self.heard.send(Heard::Deaf).await.is_err() {
                        return;
                    }
                    let ended = self.listen(&mut line, &mut orders).await;
                    self.shared.hears.store(false, Ordering::Relaxed);
                    match ended {
                        Ok(()) => return,
                        Err(error) => {
                            self.shared.counters.lost();
                            tracing::warn!(%error, "lost the connection that listens to Redis");
                        }
                    }
                }
                Err(error) => tracing::debug!(%error, "cannot listen to Redis"),
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            // What was ordered meanwhile is done with the next connection.
            loop {
                match orders.try_recv() {
                    Ok(_ear) => {}
                    Err(mpsc::error::TryRecvError::Empty) => break,
                    Err(mpsc::error::TryRecvError::Disconnected) => return,
                }
            }
        }
    }

    async fn connect(&self) -> RedisResult<Line> {
        let (push, pushes) = mpsc::channel(HEARD_MAX);
        let has_missed = Arc::new(AtomicBool::new(false));
        let missed = has_missed.clone();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.shared.timeout))
            .set_response_timeout(Some(self.shared.timeout))
            .set_push_sender(move |info: PushInfo| match push.try_send(info) {
                Ok(()) => Ok(()),
                Err(mpsc::error::TrySendError::Full(_)) => {
                    missed.store(true, Ordering::Relaxed);
                    Ok(())
                }
                Err(closed @ mpsc::error::TrySendError::Closed(_)) => Err(closed),
            });
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let connection = within(self.shared.timeout, connecting).await?;
        let mut line = Line { connection, pushes, has_missed, subscribed: HashSet::new() };
        within(self.shared.timeout, line.connection.subscribe(self.shared.presence_channel()))
            .await?;
        self.compare(&mut line).await?;
        Ok(line)
    }

    /// `Ok` when the bus is gone.
    async fn listen(&self, line: &mut Line, orders: &mut mpsc::Receiver<Ear>) -> RedisResult<()> {
        let mut ticks = interval(PING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                push = line.pushes.recv() => {
                    let Some(push) = push else { return Err(broken()) };
                    if push.kind == PushKind::Disconnection {
                        return Err(broken());
                    }
                    if let Some(heard) = self.understand(&push)
                        && self.heard.send(heard).await.is_err()
                    {
                        return Ok(());
                    }
                }
                ear = orders.recv() => {
                    let Some(ear) = ear else { return Ok(()) };
                    let mut ears = vec![ear];
                    while ears.len() < CHANNELS_AT_ONCE
                        && let Ok(ear) = orders.try_recv()
                    {
                        ears.push(ear);
                    }
                    let users: HashSet<_> = ears.iter().map(|ear| ear.user).collect();
                    self.look_at(line, users.into_iter().collect()).await?;
                    for done in ears.into_iter().filter_map(|ear| ear.done) {
                        // Whoever asked may have given up.
                        done.send(()).ok();
                    }
                }
                _ = ticks.tick() => {
                    let mut connection = line.connection.clone();
                    let ping = redis::cmd("PING");
                    within(self.shared.timeout, ping.exec_async(&mut connection)).await?;
                    let missing = self.shared.forget_missing();
                    self.look_at(line, missing).await?;
                    if self.shared.must_compare.swap(false, Ordering::Relaxed) {
                        self.compare(line).await?;
                    }
                    if line.has_missed.swap(false, Ordering::Relaxed)
                        && self.heard.send(Heard::Deaf).await.is_err()
                    {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Listens for exactly those who are to be listened for.
    async fn compare(&self, line: &mut Line) -> RedisResult<()> {
        let mut users: HashSet<_> = self.shared.people().into_iter().collect();
        users.extend(&line.subscribed);
        self.look_at(line, users.into_iter().collect()).await
    }

    /// The same for these people alone.
    async fn look_at(&self, line: &mut Line, users: Vec<UserId>) -> RedisResult<()> {
        let (wanted, unwanted): (Vec<_>, Vec<_>) =
            users.into_iter().partition(|user| self.shared.holds(*user));
        let new: Vec<_> =
            wanted.into_iter().filter(|user| !line.subscribed.contains(user)).collect();
        for users in new.chunks(CHANNELS_AT_ONCE) {
            let channels: Vec<_> = users.iter().map(|user| self.shared.channel(*user)).collect();
            within(self.shared.timeout, line.connection.subscribe(channels)).await?;
            line.subscribed.extend(users);
        }
        let old: Vec<_> =
            unwanted.into_iter().filter(|user| line.subscribed.contains(user)).collect();
        for users in old.chunks(CHANNELS_AT_ONCE) {
            let channels: Vec<_> = users.iter().map(|user| self.shared.channel(*user)).collect();
            within(self.shared.timeout, line.connection.unsubscribe(channels)).await?;
            for user in users {
                line.subscribed.remove(user);
            }
        }
        Ok(())
    }

    /// What another server said; what this one said itself, and what nobody can have meant, is
    /// nothing.
    fn understand(&self, push: &PushInfo) -> Option<Heard> {
        if push.kind != PushKind::Message {
            return None;
        }
        let malformed = || self.shared.counters.malformed();
        let [channel, payload] = push.data.as_slice() else {
            malformed();
            return None;
        };
        let (channel, payload) = (bytes(channel)?, bytes(payload)?);
        let channel = std::str::from_utf8(channel).ok()?;
        let heard = if channel == self.shared.presence_channel() {
            decode(payload).map(|(node, movement)| {
                let heard = match movement {
                    Movement::Came { user } => Heard::Came { node, user },
                    Movement::Went { user } => Heard::Went { node, user },
                };
                (node, heard)
            })
        } else {
            let to = self.shared.user_of(channel)?;
            decode::<News>(payload).map(|(node, news)| (node, Heard::News { to, news }))
        };
        match heard {
            Ok((node, _)) if node == self.shared.node => None,
            Ok((_, heard)) => {
                self.shared.counters.heard();
                Some(heard)
            }
            Err(error) => {
                malformed();
                tracing::debug!(%error, "heard something malformed");
                None
            }
        }
    }
}

fn bytes(value: &Value) -> Option<&[u8]> {
    if let Value::BulkString(bytes) = value { Some(bytes) } else { None }
}

fn broken() -> redis::RedisError {
    std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()
}

/// Bounds what the library leaves without a bound.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = RedisResult<T>>,
) -> RedisResult<T> {
    timeout(limit, work)
        .await
        .unwrap_or_else(|_elapsed| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
}
