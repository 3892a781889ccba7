//! The only writer: gathers commands and stores many of them in one transaction.
//!
//! Group commit without a timer: while one transaction commits, the next batch collects. An idle
//! server stores a single message at once; a busy one stores hundreds with one flush of the disk.

mod expiry;
mod housekeeping;

use std::{
    collections::VecDeque,
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use actix::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, Recipient, ResponseFuture,
    WrapFuture,
};
use tokio::sync::oneshot;

use self::housekeeping::{Chore, Housekeeping, carry_out};
use super::WriteQueue;
use super::chat_server::{Committed, DeliveriesWritten, Ping, Reply, Settled};
use crate::{
    commands::{self, Asker, Command, Priority},
    config::Config,
    domain::clock,
    storage::Storage,
    telemetry::metrics,
};

/// Messages that may wait in the mailbox itself; admission happens before, in the chat server.
const MAILBOX: usize = 32_768;

/// How long a known delivery may stay unwritten.
const DELIVERIES_EVERY: Duration = Duration::from_millis(200);

/// Deliveries written by one transaction, at most.
const DELIVERIES_MAX: usize = 2_000;

/// Transactions a flush spends on deliveries, at most: they are written again when a database that
/// is away comes back.
const FLUSHED_DELIVERIES: u32 = 50;

/// A command on its way to the database.
#[derive(Debug)]
pub struct Job {
    pub command: Command,
    pub asker: Asker,
    pub reply: Reply,
    /// When the chat server took it.
    pub since: Instant,
}

/// Store a command with the next transaction.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Write(pub Job);

/// Answered when everything that came before is stored and told.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Flush;

/// Store what has gathered.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
struct Go;

/// The settings of the write lane, and the queue others look at.
#[derive(Clone, Debug)]
pub struct WriteLane {
    batch_max: usize,
    /// Commands that have waited longer are refused.
    expire_after: Option<Duration>,
    /// Days a notification is kept that was read; 0 = for ever.
    keep_days: u32,
    queue: Arc<WriteQueue>,
}

impl WriteLane {
    pub fn new(config: &Config, queue: Arc<WriteQueue>) -> Self {
        Self {
            batch_max: config.database.batch_max,
            expire_after: config.database.expire_after(),
            keep_days: config.notifications.keep_days,
            queue,
        }
    }
}

/// The write lane.
#[derive(Debug)]
pub struct DbExecutor {
    storage: Storage,
    lane: WriteLane,
    chat_server: Recipient<Committed>,
    /// Wants to know which deliveries are written; `None` for a server that is alone.
    deliveries: Option<Recipient<DeliveriesWritten>>,
    pending: VecDeque<Job>,
    /// A transaction is under way, or about to be.
    busy: bool,
    deliveries_due: bool,
    housekeeping: Housekeeping,
    chore: Option<Chore>,
    flushing: Vec<oneshot::Sender<()>>,
    /// How often a flush may still write deliveries.
    last_deliveries: u32,
}

impl DbExecutor {
    pub fn new(
        storage: Storage,
        lane: WriteLane,
        chat_server: Recipient<Committed>,
        deliveries: Option<Recipient<DeliveriesWritten>>,
    ) -> Self {
        Self {
            storage,
            housekeeping: Housekeeping::new(lane.keep_days),
            lane,
            chat_server,
            deliveries,
            pending: VecDeque::new(),
            busy: false,
            deliveries_due: false,
            chore: None,
            flushing: vec![],
            last_deliveries: 0,
        }
    }

    fn wake(&mut self, ctx: &mut Context<Self>) {
        if !self.busy {
            self.busy = true;
            // By way of a message to itself: what already waits in the mailbox joins the batch.
            ctx.notify(Go);
        }
    }

    /// Whether deliveries may be written now: they stand back when commands have to wait, and lose
    /// nothing by it.
    fn has_deliveries(&self) -> bool {
        self.storage.has_unwritten_deliveries() && self.lane.queue.has_room_for(Priority::Receipt)
    }

    fn note_oldest(&self) {
        self.lane.queue.oldest_is(self.pending.front().map(|job| job.since));
    }

    fn rest_or_go_on(&mut self, ctx: &mut Context<Self>) {
        if self.pending.is_empty() && self.last_deliveries > 0 {
            self.last_deliveries -= 1;
            self.deliveries_due = self.storage.has_unwritten_deliveries();
        }
        if self.pending.is_empty() && !self.deliveries_due {
            self.busy = false;
            for waiting in mem::take(&mut self.flushing) {
                if waiting.send(()).is_err() {
                    tracing::debug!("nobody waits for this flush any more");
                }
            }
        } else {
            ctx.notify(Go);
        }
    }
}

impl Actor for DbExecutor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(DELIVERIES_EVERY, |db_executor, ctx| {
            if db_executor.has_deliveries() {
                db_executor.deliveries_due = true;
                db_executor.wake(ctx);
            } else if !db_executor.busy {
                db_executor.chore = db_executor.housekeeping.due(Instant::now());
                if db_executor.chore.is_some() {
                    db_executor.wake(ctx);
                }
            }
        });
    }
}

impl Handler<Write> for DbExecutor {
    type Result = ();

    fn handle(&mut self, Write(job): Write, ctx: &mut Context<Self>) {
        self.pending.push_back(job);
        self.note_oldest();
        self.wake(ctx);
    }
}

impl Handler<Go> for DbExecutor {
    type Result = ();

    fn handle(&mut self, _go: Go, ctx: &mut Context<Self>) {
        let expired = expiry::expired(&mut self.pending, self.lane.expire_after);
        let batch_size = self.pending.len().min(self.lane.batch_max);
        let batch: Vec<_> = self.pending.drain(..batch_size).collect();
        self.note_oldest();
        let with_deliveries = mem::take(&mut self.deliveries_due);
        let chore = self.chore.take();
        let storage = self.storage.clone();
        let chat_server = self.chat_server.clone();
        let deliveries = self.deliveries.clone();
        // The only future of this actor, so that no wake polls more than one.
        let round = async move {
            if !expired.is_empty() && chat_server.send(Committed(expired)).await.is_err() {
                tracing::error!("the chat server is gone");
            }
            if !batch.is_empty() {
                let committed = store(&storage, batch).await;
                // Waits for room: nothing acknowledged may get lost on the way to its asker.
                if chat_server.send(committed).await.is_err() {
                    tracing::error!("the chat server is gone");
                }
            }
            if with_deliveries {
                write_deliveries(&storage, deliveries).await;
            }
            match chore {
                Some(chore) => Some((chore, carry_out(&storage, chore).await)),
                None => None,
            }
        };
        ctx.spawn(round.into_actor(self).map(|done, db_executor, ctx| {
            if let Some((Chore::Notifications { .. }, went_to)) = done {
                db_executor.housekeeping.done(went_to, Instant::now());
            }
            db_executor.rest_or_go_on(ctx);
        }));
    }
}

async fn write_deliveries(storage: &Storage, told: Option<Recipient<DeliveriesWritten>>) {
    match storage.write_deliveries(DELIVERIES_MAX, clock::now()).await {
        Ok(written) => {
            if let Some(told) = told
                && told.send(DeliveriesWritten(written)).await.is_err()
            {
                tracing::error!("the chat server is gone");
            }
        }
        Err(error) => tracing::warn!(%error, "could not write deliveries, will try again"),
    }
}

async fn store(storage: &Storage, batch: Vec<Job>) -> Committed {
    let begun = Instant::now();
    let metrics = metrics();
    metrics.batch_commands.record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
    if let Some(oldest) = batch.first() {
        metrics.queue_seconds.record(begun - oldest.since);
    }
    let (commands, askers): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|job| (job.command, (job.asker, job.reply, job.since))).unzip();
    let outcomes = commands::store(storage, commands, clock::now()).await;
    metrics.commit_seconds.record(begun.elapsed());
    let mut askers: Vec<_> = askers.into_iter().map(Some).collect();
    let settled = outcomes.into_iter().filter_map(|(place, outcome)| {
        let (asker, reply, since) = askers.get_mut(place)?.take()?;
        Some(Settled { outcome, asker, reply, since })
    });
    Committed(settled.collect())
}

impl Handler<Ping> for DbExecutor {
    type Result = ();

    fn handle(&mut self, _ping: Ping, _ctx: &mut Context<Self>) {}
}

impl Handler<Flush> for DbExecutor {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _flush: Flush, ctx: &mut Context<Self>) -> Self::Result {
        let (done, waiting) = oneshot::channel();
        self.flushing.push(done);
        self.last_deliveries = FLUSHED_DELIVERIES;
        self.wake(ctx);
        Box::pin(async move {
            // The sender is dropped without an answer only when the actor has stopped.
            drop(waiting.await);
        })
    }
}
