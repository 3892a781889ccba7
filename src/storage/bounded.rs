//! Connections to read on, whose every answer is waited for no longer than [`Outages::wait`] does.

use std::{future::Future, pin::Pin};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement, TransactionTrait,
};

use super::outages::Outages;

type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbErr>> + Send + 'a>>;

/// A connection with an end to every wait; without `outages` (`SQLite`) it is as it was.
#[derive(Clone, Debug)]
pub(super) struct Bounded<C> {
    connection: C,
    outages: Option<Outages>,
}

impl<C> Bounded<C> {
    pub fn new(connection: C, outages: Option<Outages>) -> Self {
        Self { connection, outages }
    }

    pub fn inner(&self) -> &C {
        &self.connection
    }

    /// Another connection under the same rule.
    pub fn alike<D>(&self, connection: D) -> Bounded<D> {
        Bounded { connection, outages: self.outages.clone() }
    }

    async fn wait<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        match &self.outages {
            Some(outages) => outages.wait(answer).await,
            None => answer.await,
        }
    }
}

impl Bounded<DatabaseConnection> {
    pub async fn begin(&self) -> Result<Bounded<DatabaseTransaction>, DbErr> {
        Ok(self.alike(self.wait(self.connection.begin()).await?))
    }

    pub async fn ping(&self) -> Result<(), DbErr> {
        self.wait(self.connection.ping()).await
    }
}

impl<C: ConnectionTrait> ConnectionTrait for Bounded<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    fn execute_raw<'a, 'b>(&'a self, statement: Statement) -> Later<'b, ExecResult>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.wait(self.connection.execute_raw(statement)))
    }

    fn execute_unprepared<'a, 'c, 'b>(&'a self, sql: &'c str) -> Later<'b, ExecResult>
    where
        'a: 'b,
        'c: 'b,
        Self: 'b,
    {
        Box::pin(self.wait(self.connection.execute_unprepared(sql)))
    }

    fn query_one_raw<'a, 'b>(&'a self, statement: Statement) -> Later<'b, Option<QueryResult>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.wait(self.connection.query_one_raw(statement)))
    }

    fn query_all_raw<'a, 'b>(&'a self, statement: Statement) -> Later<'b, Vec<QueryResult>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.wait(self.connection.query_all_raw(statement)))
    }
}
