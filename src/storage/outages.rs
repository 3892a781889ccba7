//! When the database was last found gone: connections from before that are not used again.
//!
//! sqlx notices a connection that has broken by using it. One that leads nowhere (a cut cable, a
//! firewall that has forgotten it) swallows what is sent and never answers, and PostgreSQL's own
//! timeouts cannot be heard through it. So every wait has an end here, and the first that is reached
//! condemns all connections that are as old.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{ConnectOptions, DbErr, RuntimeErr};
use sqlx::{Connection, Executor, pool::PoolConnectionMetadata};

/// Longest wait for an answer. PostgreSQL gives a statement up before (`statement_timeout`).
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(4);

/// Longest wait for a sign of life.
const SIGN_OF_LIFE_WITHIN: Duration = Duration::from_millis(1_500);

/// A connection that was idle for so long is asked for a sign of life before it is used.
const IDLE: Duration = Duration::from_secs(5);

const NO_ANSWER: &str = "no answer in time";

/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Outages(Arc<Mutex<Option<Instant>>>);

impl Outages {
    /// Waits for an answer, but not for ever.
    pub async fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let result = tokio::time::timeout(ANSWER_WITHIN, answer)
            .await
            .unwrap_or_else(|_elapsed| Err(no_answer()));
        result.inspect_err(|error| self.observe(error))
    }

    /// Looks whether the database is gone, or a connection to it.
    pub fn observe(&self, error: &DbErr) {
        if is_outage(error) {
            self.note();
        }
    }

    /// Connections of before cannot be trusted any more.
    pub fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn condemns(&self, connection: &PoolConnectionMetadata) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() < connection.age)
    }

    async fn is_alive<T>(&self, answer: impl Future<Output = Result<T, sqlx::Error>>) -> bool {
        let is_alive = is_sign_of_life(answer).await;
        if !is_alive {
            self.note();
        }
        is_alive
    }

    /// Has a pool of `SQLite` throw away what is condemned before it is used.
    pub fn watch_sqlite(&self, options: &mut ConnectOptions) {
        let outages = self.clone();
        options.map_sqlx_sqlite_before_acquire(move |_connection, metadata| {
            let is_sound = !outages.condemns(&metadata);
            Box::pin(async move { Ok(is_sound) })
        });
    }

    /// Has a pool throw away what is condemned, before it is used and after.
    pub fn watch(&self, options: &mut ConnectOptions, rolls_back: bool) {
        let outages = self.clone();
        options.map_sqlx_postgres_before_acquire(move |connection, metadata| {
            let outages = outages.clone();
            Box::pin(async move {
                if outages.condemns(&metadata) {
                    return Ok(false);
                }
                if rolls_back {
                    let rollback = connection.execute(sqlx::raw_sql("ROLLBACK"));
                    return Ok(outages.is_alive(rollback).await);
                }
                Ok(metadata.idle_for < IDLE || outages.is_alive(connection.ping()).await)
            })
        });
        let outages = self.clone();
        options.map_sqlx_postgres_pool_opts(move |options| {
            let outages = outages.clone();
            options.after_release(move |connection, metadata| {
                let outages = outages.clone();
                Box::pin(async move {
                    // sqlx itself asks too, but without an end: a connection that leads nowhere
                    // would keep its place in the pool. Others are not condemned for it: it may
                    // only be busy with what nobody waits for any more.
                    Ok(!outages.condemns(&metadata) && is_sign_of_life(connection.ping()).await)
                })
            })
        });
    }
}

async fn is_sign_of_life<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> bool {
    matches!(tokio::time::timeout(SIGN_OF_LIFE_WITHIN, answer).await, Ok(Ok(_)))
}

/// The error of a wait that has come to its end.
pub(super) fn no_answer() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(NO_ANSWER.to_owned()))
}

fn is_outage(error: &DbErr) -> bool {
    if matches!(error, DbErr::Conn(RuntimeErr::Internal(text)) if text == NO_ANSWER) {
        return true;
    }
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    // The server is stopping, has crashed, or has ended this connection.
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(&**cause, sqlx::Error::Io(_) | sqlx::Error::Protocol(_))
        || code.is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
}
