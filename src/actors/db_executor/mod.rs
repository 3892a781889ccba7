//! The only writer: gathers commands and stores many of them in one transaction.
//!
//! Group commit without a timer: while one transaction commits, the next batch collects. An idle
//! server stores a single message at once; a busy one stores hundreds with one flush of the disk.

mod doubts;
mod expiry;
mod housekeeping;

use std::{collections::VecDeque, mem, sync::Arc, time::Duration};

use actix::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, Recipient, ResponseFuture,
    WrapFuture,
};
use tokio::{sync::oneshot, time::Instant};

use self::{
    doubts::Doubts,
    housekeeping::{Chore, Housekeeping, carry_out},
};
use super::{
    WriteQueue,
    chat_server::{Committed, DeliveriesWritten, Ping, Reply, Settled},
};
use crate::{
    commands::{self, Asker, Command, CommandError, Priority},
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

/// What has waited for so long when the database turns out to be away is refused without another try,
/// so that nobody waits for two tries.
const PATIENCE: Duration = Duration::from_millis(500);

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
    doubts: Doubts,
    /// A transaction is under way, or about to be.
    busy: bool,
    /// The last transaction found no database.
    is_away: bool,
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
            doubts: Doubts::default(),
            busy: false,
            is_away: false,
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

    /// What is refused because the database is away.
    fn give_up(&mut self) -> Vec<Settled> {
        let waiting = if self.is_away { self.pending.len() } else { 0 };
        // The oldest stand in front.
        let is_old = |job: &Job| job.since.elapsed() > PATIENCE;
        let late = self.pending.iter().take(waiting).take_while(|job| is_old(job)).count();
        self.pending.drain(..late).map(refused).collect()
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

fn found_no_database(settled: &Settled) -> bool {
    matches!(settled.outcome, Err(CommandError::Unavailable))
}

impl Actor for DbExecutor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(DELIVERIES_EVERY, |db_executor, ctx| {
            if db_executor.has_deliveries() {
                db_executor.deliveries_due = true;
                db_executor.wake(ctx);
            } else if !db_executor.doubts.is_empty() {
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
        let mut given_up = self.give_up();
        given_up.extend(expiry::expired(&mut self.pending, self.lane.expire_after));
        let batch_size = self.pending.len().min(self.lane.batch_max);
        let batch: Vec<_> = self.pending.drain(..batch_size).collect();
        self.note_oldest();
        let with_deliveries = mem::take(&mut self.deliveries_due);
        let chore = self.chore.take();
        let storage = self.storage.clone();
        let chat_server = self.chat_server.clone();
        let deliveries = self.deliveries.clone();
        let mut doubts = mem::take(&mut self.doubts);
        // The only future of this actor, so that no wake polls more than one.
        let round = async move {
            let hand_back = async |settled: Vec<Settled>| {
                // Waits for room: nothing acknowledged may get lost on the way to its asker.
                if !settled.is_empty() && chat_server.send(Committed(settled)).await.is_err() {
                    tracing::error!("the chat server is gone");
                }
            };
            hand_back(given_up).await;
            hand_back(doubts.look_up(&storage).await).await;
            let settled = if doubts.is_empty() {
                store(&storage, batch, deliveries.is_none(), &mut doubts).await
            } else {
                batch.into_iter().map(refused).collect()
            };
            let mut is_away = !doubts.is_empty() || settled.iter().any(found_no_database);
            hand_back(settled).await;
            if with_deliveries && !is_away {
                is_away = !write_deliveries(&storage, deliveries).await;
            }
            let done = match chore {
                Some(chore) if !is_away => Some((chore, carry_out(&storage, chore).await)),
                Some(_) | None => None,
            };
            (is_away, done, doubts)
        };
        ctx.spawn(round.into_actor(self).map(|(is_away, done, doubts), db_executor, ctx| {
            db_executor.is_away = is_away;
            db_executor.doubts = doubts;
            if let Some((Chore::Notifications { .. }, went_to)) = done {
                db_executor.housekeeping.done(went_to, Instant::now());
            }
            db_executor.rest_or_go_on(ctx);
        }));
    }
}

/// `false` when the database did not take them.
async fn write_deliveries(storage: &Storage, told: Option<Recipient<DeliveriesWritten>>) -> bool {
    match storage.write_deliveries(DELIVERIES_MAX, clock::now()).await {
        Ok(written) => {
            if let Some(told) = told
                && told.send(DeliveriesWritten(written)).await.is_err()
            {
                tracing::error!("the chat server is gone");
            }
            true
        }
        Err(error) => {
            tracing::warn!(%error, "could not write deliveries, will try again");
            false
        }
    }
}

/// Not even tried: the database is away, or does not say what became of what came before.
fn refused(job: Job) -> Settled {
    let Job { asker, reply, since, .. } = job;
    Settled { outcome: Err(CommandError::Unavailable), asker, reply, since, is_late: false }
}

async fn store(
    storage: &Storage,
    batch: Vec<Job>,
    is_alone: bool,
    doubts: &mut Doubts,
) -> Vec<Settled> {
    if batch.is_empty() {
        return vec![];
    }
    let begun = Instant::now();
    let metrics = metrics();
    metrics.batch_commands.record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
    if let Some(oldest) = batch.first() {
        metrics.queue_seconds.record(begun - oldest.since);
    }
    let (commands, askers): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|job| (job.command, (job.asker, job.reply, job.since))).unzip();
    let stored = commands::store(storage, commands, clock::now(), is_alone).await;
    metrics.commit_seconds.record(begun.elapsed());
    if !stored.doubts.is_empty() {
        let askers: Vec<_> =
            askers.iter().map(|(asker, _, since)| (asker.clone(), *since)).collect();
        doubts.add(stored.doubts, &askers);
    }
    let mut askers: Vec<_> = askers.into_iter().map(Some).collect();
    let settled = stored.outcomes.into_iter().filter_map(|(place, outcome)| {
        let (asker, reply, since) = askers.get_mut(place)?.take()?;
        Some(Settled { outcome, asker, reply, since, is_late: false })
    });
    settled.collect()
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
