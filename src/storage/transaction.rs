//! The one way to begin a transaction.

use std::{future::Future, pin::Pin};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode, Statement,
    TransactionOptions,
};
use tokio::time::{Instant, timeout_at};

use super::{
    Connection, Inner, Storage, StorageError,
    outages::{ANSWER_WITHIN, no_answer},
};

/// An open transaction.
pub type Tx = Connection;

type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

/// What is known of a transaction that was to be committed.
#[derive(Debug)]
pub enum Written<T> {
    Committed(T),
    /// The answer to COMMIT was lost: what it would have stored, and under which number.
    Doubtful(T, TransactionId, StorageError),
}

/// The number PostgreSQL knows a transaction by; `None` for one that ends with its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionId(Option<i64>);

impl Storage {
    /// Runs `work` in a transaction and commits it; rolls back when `work` fails.
    pub async fn write_tx<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a Tx) -> Work<'a, T> + Send + 'static,
    {
        match self.try_write_tx(work).await? {
            Written::Committed(done) => Ok(done),
            Written::Doubtful(_, _, error) => Err(error),
        }
    }

    /// [`Self::write_tx`] for those who want to know what may have been written although no answer to
    /// the commit came.
    ///
    /// The transaction has a task of its own: it runs to its end even if the caller is dropped
    /// half-way. A `begin()` dropped half-way would leave an open transaction on a pooled
    /// connection, and sqlx 0.9 would roll the next user's acknowledged write back with it
    /// (`docs/adr/0004-one-write-lane.md`).
    pub async fn try_write_tx<T, F>(&self, work: F) -> Result<Written<T>, StorageError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a Tx) -> Work<'a, T> + Send + 'static,
    {
        let storage = self.clone();
        tokio::spawn(async move {
            let Inner { writer, outages, .. } = &*storage.0;
            let is_far = writer.get_database_backend() == DbBackend::Postgres;
            let deadline = is_far.then(|| Instant::now() + ANSWER_WITHIN);
            let (tx, id, done) = within(deadline, run(&storage, work))
                .await
                .inspect_err(|error| observe(&storage, error))?;
            match within(deadline, commit(tx)).await {
                Ok(()) => Ok(Written::Committed(done)),
                Err(error) => {
                    // After a COMMIT that failed, SQLite is still inside the transaction, and sqlx
                    // takes every later one for a part of it: acknowledged, and never committed.
                    outages.note();
                    if matches!(error, StorageError::Unavailable(_)) {
                        Ok(Written::Doubtful(done, id, error))
                    } else {
                        Err(error)
                    }
                }
            }
        })
        .await?
    }

    /// Whether a transaction will not be committed any more, unless it has been. It may still be on its
    /// way when its connection is not heard of any more.
    pub async fn has_ended(&self, TransactionId(id): TransactionId) -> Result<bool, StorageError> {
        let Some(id) = id else { return Ok(true) };
        let reader = self.read_everything().await?;
        let sql = "SELECT pg_xact_status($1::text::xid8) IS DISTINCT FROM 'in progress'";
        let statement =
            Statement::from_sql_and_values(reader.backend(), sql, [id.to_string().into()]);
        match reader.connection().query_one_raw(statement).await {
            Ok(row) => Ok(row.map_or(Ok(true), |row| row.try_get_by_index(0))?),
            // PostgreSQL has lost it in a crash, and gives the number out again.
            Err(error) if is_in_the_future(&error) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

fn is_in_the_future(error: &DbErr) -> bool {
    let DbErr::Query(RuntimeErr::SqlxError(cause)) = error else { return false };
    cause.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("22023")
}

async fn run<T, F>(storage: &Storage, work: F) -> Result<(Tx, TransactionId, T), StorageError>
where
    F: for<'a> FnOnce(&'a Tx) -> Work<'a, T>,
{
    // Taking the write lock at once, SQLite waits for another process instead of failing.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = storage.0.writer.begin(options).await?;
    match work(&tx).await {
        Ok(done) => {
            let id = number(&tx).await?;
            Ok((tx, id, done))
        }
        Err(error) => {
            if let Err(rollback) = tx.rollback().await {
                storage.0.outages.note();
                tracing::warn!(error = %rollback, "could not roll back");
            }
            Err(error)
        }
    }
}

async fn number(tx: &Tx) -> Result<TransactionId, StorageError> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(TransactionId(None));
    }
    let sql = "SELECT pg_current_xact_id()::text::bigint";
    let row = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(TransactionId(row.map(|row| row.try_get_by_index(0)).transpose()?))
}

async fn within<T>(
    deadline: Option<Instant>,
    answer: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    match deadline {
        Some(deadline) => {
            timeout_at(deadline, answer).await.unwrap_or_else(|_elapsed| Err(no_answer().into()))
        }
        None => answer.await,
    }
}

fn observe(storage: &Storage, error: &StorageError) {
    if let StorageError::Unavailable(error) = error {
        storage.0.outages.observe(error);
    }
}

async fn commit(tx: Tx) -> Result<(), StorageError> {
    #[cfg(feature = "broken-builds")]
    if crate::broken::is("ack-before-commit") || crate::broken::is("deliver-before-commit") {
        // What is answered now is committed a moment later.
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            drop(tx.commit().await);
        });
        return Ok(());
    }
    Ok(tx.commit().await?)
}
