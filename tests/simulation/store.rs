//! The database as one server sees it: slow, refusing, away, and silent about a commit, by seed.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sqlx::SqliteConnection;
use tokio::{
    sync::{Mutex as Turn, OwnedMutexGuard},
    time::sleep,
};
use vikrahub_messaging::storage::{Pending, StandIn};

use crate::{
    chance::Chance,
    database::{Disk, execute, lock, query, run},
    plant::Plant,
    trace::Trace,
};

/// How the database does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Calm,
    /// Statements take a while.
    Slow,
    /// Some statements fail, some commits fail, and of some nobody hears whether they did.
    Failing,
    /// Nothing answers.
    Away,
}

/// The database of all servers.
#[derive(Debug)]
pub struct Store {
    disk: Arc<Disk>,
    weather: Mutex<Weather>,
    /// One transaction writes at a time, whichever server began it.
    turn: Arc<Turn<()>>,
    plant: Option<Plant>,
    trace: Trace,
}

/// What one server's statements of one kind go through.
struct Lane {
    store: Arc<Store>,
    name: String,
    chance: Mutex<Chance>,
    writes: bool,
}

/// A transaction that writes.
struct Writing {
    lane: Arc<Lane>,
    is_open: AtomicBool,
    turn: Mutex<Option<OwnedMutexGuard<()>>>,
}

/// A transaction that reads at one moment.
struct Moment {
    lane: Arc<Lane>,
    connection: Mutex<Option<SqliteConnection>>,
}

impl Store {
    pub fn new(disk: Arc<Disk>, plant: Option<Plant>, trace: Trace) -> Arc<Self> {
        let (weather, turn) = (Mutex::new(Weather::Calm), Arc::default());
        Arc::new(Self { disk, weather, turn, plant, trace })
    }

    pub fn set(&self, weather: Weather) {
        *lock(&self.weather) = weather;
        self.trace.note(|| format!("the database is {weather:?}"));
    }

    /// What the server `node` writes through, and what it reads through.
    pub fn lanes(self: &Arc<Self>, seed: u64, node: usize) -> (Arc<dyn StandIn>, Arc<dyn StandIn>) {
        let lane = |kind: &str| {
            let name = format!("{kind} of node {node}");
            let chance = Mutex::new(Chance::of(seed, &name));
            Gate(Arc::new(Lane { store: self.clone(), name, chance, writes: kind == "writer" }))
        };
        (Arc::new(lane("writer")), Arc::new(lane("reader")))
    }
}

/// A lane outside of transactions.
#[derive(Debug)]
struct Gate(Arc<Lane>);

impl Lane {
    fn draw<T>(&self, draw: impl FnOnce(&mut Chance) -> T) -> T {
        draw(&mut lock(&self.chance))
    }

    /// The way to the database and back, before anything happens there.
    async fn pass(&self, what: &'static str) -> Result<(), DbErr> {
        let weather = *lock(&self.store.weather);
        let (wait, fails) = self.draw(|chance| match weather {
            Weather::Calm => (u64::from(chance.one_in(4)), false),
            Weather::Slow => (chance.between(0, 40), false),
            Weather::Failing => (chance.between(0, 10), chance.one_in(25)),
            Weather::Away => (chance.between(0, 300), true),
        });
        if wait > 0 {
            sleep(Duration::from_millis(wait)).await;
        }
        if fails {
            self.store.trace.note(|| format!("{} fails: {what}", self.name));
            return Err(away());
        }
        Ok(())
    }
}

fn away() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the connection was lost".to_owned()))
}

impl StandIn for Gate {
    fn execute(&self, statement: Statement) -> Pending<'_, ExecResult> {
        Box::pin(async move {
            self.0.pass("a statement").await?;
            execute(&mut lock(&self.0.store.disk.writer), statement)
        })
    }

    fn query(&self, statement: Statement) -> Pending<'_, Vec<QueryResult>> {
        Box::pin(async move {
            self.0.pass("a query").await?;
            query(&mut lock(&self.0.store.disk.reader), statement)
        })
    }

    fn begin(&self) -> Pending<'_, Arc<dyn StandIn>> {
        let lane = self.0.clone();
        Box::pin(async move {
            if !lane.writes {
                lane.pass("a look at one moment").await?;
                let mut connection = lane.store.disk.take();
                run(&mut connection, "BEGIN")?;
                let connection = Mutex::new(Some(connection));
                return Ok(Arc::new(Moment { lane, connection }) as Arc<dyn StandIn>);
            }
            let turn = lane.store.turn.clone().lock_owned().await;
            lane.pass("a transaction").await?;
            run(&mut lock(&lane.store.disk.writer), "BEGIN IMMEDIATE")?;
            let (is_open, turn) = (AtomicBool::new(true), Mutex::new(Some(turn)));
            Ok(Arc::new(Writing { lane, is_open, turn }) as Arc<dyn StandIn>)
        })
    }

    fn commit(&self) -> Pending<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl StandIn for Moment {
    fn execute(&self, statement: Statement) -> Pending<'_, ExecResult> {
        Box::pin(async move {
            self.lane.pass("a statement").await?;
            execute(lock(&self.connection).as_mut().unwrap(), statement)
        })
    }

    fn query(&self, statement: Statement) -> Pending<'_, Vec<QueryResult>> {
        Box::pin(async move {
            self.lane.pass("a query").await?;
            query(lock(&self.connection).as_mut().unwrap(), statement)
        })
    }

    fn begin(&self) -> Pending<'_, Arc<dyn StandIn>> {
        Box::pin(async { Err(away()) })
    }

    fn commit(&self) -> Pending<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        if let Some(mut connection) = lock(&self.connection).take() {
            run(&mut connection, "ROLLBACK").unwrap();
            self.lane.store.disk.give_back(connection);
        }
    }
}

impl StandIn for Writing {
    fn execute(&self, statement: Statement) -> Pending<'_, ExecResult> {
        Box::pin(async move {
            self.lane.pass("a statement of a transaction").await?;
            execute(&mut lock(&self.lane.store.disk.writer), statement)
        })
    }

    fn query(&self, statement: Statement) -> Pending<'_, Vec<QueryResult>> {
        Box::pin(async move {
            self.lane.pass("a query of a transaction").await?;
            query(&mut lock(&self.lane.store.disk.writer), statement)
        })
    }

    fn begin(&self) -> Pending<'_, Arc<dyn StandIn>> {
        Box::pin(async { Err(away()) })
    }

    fn commit(&self) -> Pending<'_, ()> {
        Box::pin(async move {
            let store = &self.lane.store;
            if store.plant == Some(Plant::AckBeforeCommit) && self.lane.draw(|it| it.one_in(4)) {
                // As if the power had been cut after the answer.
                return Ok(());
            }
            self.lane.pass("a commit").await?;
            self.end("COMMIT")?;
            if let Some(plant) = store.plant {
                plant.after_commit(&store.disk, || self.lane.draw(|chance| chance.one_in(3)));
            }
            let is_unanswered = *lock(&store.weather) == Weather::Failing
                && self.lane.draw(|chance| chance.one_in(8));
            if is_unanswered {
                store.trace.note(|| format!("{}: nobody hears of a commit", self.lane.name));
                return Err(away());
            }
            Ok(())
        })
    }
}

impl Writing {
    fn end(&self, how: &'static str) -> Result<(), DbErr> {
        let ended = run(&mut lock(&self.lane.store.disk.writer), how);
        self.is_open.store(false, Ordering::Relaxed);
        drop(lock(&self.turn).take());
        ended
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.is_open.load(Ordering::Relaxed) {
            self.end("ROLLBACK").unwrap();
        }
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Writing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a transaction of the {:?}", self.lane)
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a moment of the {:?}", self.lane)
    }
}
