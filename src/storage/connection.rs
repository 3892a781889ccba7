//! What statements run on: a pool, a transaction, or what the simulation puts in their place.
//! No answer of a database that is far away is waited for without an end.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement, TransactionOptions, TransactionTrait,
};

use super::outages::Outages;

/// An answer of the database that takes a while.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbErr>> + Send + 'a>>;

/// A database played by somebody else. It speaks the dialect of `SQLite`, and delays, fails and
/// answers by a plan of its own (`tests/simulation/`).
pub trait StandIn: fmt::Debug + Send + Sync {
    fn execute(&self, statement: Statement) -> Pending<'_, ExecResult>;

    fn query(&self, statement: Statement) -> Pending<'_, Vec<QueryResult>>;

    /// Begins a transaction, which ends when it is committed or dropped.
    fn begin(&self) -> Pending<'_, Arc<dyn StandIn>>;

    /// Commits this transaction. When it fails, nobody knows whether it was committed.
    fn commit(&self) -> Pending<'_, ()>;
}

/// What statements run on.
#[derive(Debug)]
pub struct Connection {
    kind: Kind,
    /// Ends every wait; `None` for what answers or fails by itself, or is waited for elsewhere.
    outages: Option<Outages>,
}

#[derive(Debug)]
enum Kind {
    Pool(DatabaseConnection),
    Transaction(DatabaseTransaction),
    StandIn(Arc<dyn StandIn>),
}

impl From<Arc<dyn StandIn>> for Connection {
    fn from(stand_in: Arc<dyn StandIn>) -> Self {
        Self { kind: Kind::StandIn(stand_in), outages: None }
    }
}

impl Connection {
    pub(super) fn of(pool: DatabaseConnection, outages: Option<Outages>) -> Self {
        Self { kind: Kind::Pool(pool), outages }
    }

    /// The same database once more. A transaction has but one owner.
    pub(super) fn share(&self) -> Result<Self, DbErr> {
        let kind = match &self.kind {
            Kind::Pool(pool) => Kind::Pool(pool.clone()),
            Kind::StandIn(stand_in) => Kind::StandIn(stand_in.clone()),
            Kind::Transaction(_) => return Err(no_pool()),
        };
        Ok(Self { kind, outages: self.outages.clone() })
    }

    pub(super) async fn begin(&self, options: TransactionOptions) -> Result<Self, DbErr> {
        let kind = match &self.kind {
            Kind::Pool(pool) => {
                Kind::Transaction(self.wait(pool.begin_with_options(options)).await?)
            }
            Kind::StandIn(stand_in) => Kind::StandIn(stand_in.begin().await?),
            Kind::Transaction(_) => return Err(no_pool()),
        };
        Ok(Self { kind, outages: self.outages.clone() })
    }

    pub(super) async fn commit(self) -> Result<(), DbErr> {
        match self.kind {
            Kind::Transaction(transaction) => transaction.commit().await,
            Kind::StandIn(stand_in) => stand_in.commit().await,
            Kind::Pool(_) => Ok(()),
        }
    }

    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        match self.kind {
            Kind::Transaction(transaction) => transaction.rollback().await,
            // They roll back when they are dropped.
            Kind::StandIn(_) | Kind::Pool(_) => Ok(()),
        }
    }

    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        match &self.kind {
            Kind::Pool(pool) => self.wait(pool.ping()).await,
            Kind::StandIn(_) | Kind::Transaction(_) => Ok(()),
        }
    }

    pub(super) async fn close(&self) -> Result<(), DbErr> {
        match &self.kind {
            Kind::Pool(pool) => pool.close_by_ref().await,
            Kind::StandIn(_) | Kind::Transaction(_) => Ok(()),
        }
    }

    async fn wait<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        match &self.outages {
            Some(outages) => outages.wait(answer).await,
            None => answer.await,
        }
    }

    fn answer<'f, T: Send + 'f>(&'f self, answer: Pending<'f, T>) -> Pending<'f, T> {
        match &self.outages {
            Some(outages) => Box::pin(outages.wait(answer)),
            None => answer,
        }
    }
}

fn no_pool() -> DbErr {
    DbErr::Custom("a transaction cannot be begun or shared within another".to_owned())
}

/// Written out so that nothing is boxed a second time on the way to the database.
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        match &self.kind {
            Kind::Pool(pool) => pool.get_database_backend(),
            Kind::Transaction(transaction) => transaction.get_database_backend(),
            Kind::StandIn(_) => DbBackend::Sqlite,
        }
    }

    fn execute_raw<'a, 'f>(&'a self, statement: Statement) -> Pending<'f, ExecResult>
    where
        'a: 'f,
        Self: 'f,
    {
        self.answer(match &self.kind {
            Kind::Pool(pool) => pool.execute_raw(statement),
            Kind::Transaction(transaction) => transaction.execute_raw(statement),
            Kind::StandIn(stand_in) => stand_in.execute(statement),
        })
    }

    fn execute_unprepared<'a, 'b, 'f>(&'a self, sql: &'b str) -> Pending<'f, ExecResult>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        self.answer(match &self.kind {
            Kind::Pool(pool) => pool.execute_unprepared(sql),
            Kind::Transaction(transaction) => transaction.execute_unprepared(sql),
            Kind::StandIn(stand_in) => {
                stand_in.execute(Statement::from_string(DbBackend::Sqlite, sql))
            }
        })
    }

    fn query_one_raw<'a, 'f>(&'a self, statement: Statement) -> Pending<'f, Option<QueryResult>>
    where
        'a: 'f,
        Self: 'f,
    {
        self.answer(match &self.kind {
            Kind::Pool(pool) => pool.query_one_raw(statement),
            Kind::Transaction(transaction) => transaction.query_one_raw(statement),
            Kind::StandIn(stand_in) => Box::pin(async move {
                let rows = stand_in.query(statement).await?;
                Ok(rows.into_iter().next())
            }),
        })
    }

    fn query_all_raw<'a, 'f>(&'a self, statement: Statement) -> Pending<'f, Vec<QueryResult>>
    where
        'a: 'f,
        Self: 'f,
    {
        self.answer(match &self.kind {
            Kind::Pool(pool) => pool.query_all_raw(statement),
            Kind::Transaction(transaction) => transaction.query_all_raw(statement),
            Kind::StandIn(stand_in) => stand_in.query(statement),
        })
    }
}
