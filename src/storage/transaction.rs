//! The one way to begin a transaction.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use super::{
    Inner, Storage, StorageError,
    outages::{ANSWER_WITHIN, Outages, no_answer},
};
use crate::domain::clock;

/// An open transaction.
pub type Tx = DatabaseTransaction;

type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

impl Storage {
    /// Runs `work` in a transaction and commits it; rolls back when `work` fails.
    ///
    /// The transaction has a task of its own: it runs to its end even if the caller is dropped
    /// half-way. A `begin()` dropped half-way would leave an open transaction on a pooled
    /// connection, and sqlx 0.9 would roll the next user's acknowledged write back with it
    /// (`docs/adr/0004-one-write-lane.md`).
    pub async fn write_tx<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a Tx) -> Work<'a, T> + Send + 'static,
    {
        let (storage, since) = (self.clone(), clock::now());
        tokio::spawn(async move {
            let Inner { writer, outages, doubt, .. } = &*storage.0;
            let is_committing = AtomicBool::new(false);
            let done = run(writer, work, outages, &is_committing);
            if writer.get_database_backend() == DbBackend::Sqlite {
                return done.await;
            }
            let result = tokio::time::timeout(ANSWER_WITHIN, done)
                .await
                .unwrap_or_else(|_elapsed| Err(no_answer().into()));
            if let Err(StorageError::Unavailable(error)) = &result {
                outages.observe(error);
                if is_committing.load(Ordering::Relaxed) {
                    tracing::warn!("nobody knows whether a transaction was committed");
                    doubt.cast(since);
                }
            }
            result
        })
        .await?
    }
}

async fn run<T, F>(
    writer: &DatabaseConnection,
    work: F,
    outages: &Outages,
    is_committing: &AtomicBool,
) -> Result<T, StorageError>
where
    F: for<'a> FnOnce(&'a Tx) -> Work<'a, T>,
{
    // Taking the write lock at once, SQLite waits for another process instead of failing.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = writer.begin_with_options(options).await?;
    match work(&tx).await {
        Ok(done) => {
            is_committing.store(true, Ordering::Relaxed);
            // After a COMMIT that failed, SQLite is still inside the transaction, and sqlx takes
            // every later one for a part of it: acknowledged, and never committed.
            commit(tx).await.inspect_err(|_| outages.note())?;
            Ok(done)
        }
        Err(error) => {
            if let Err(rollback) = tx.rollback().await {
                outages.note();
                tracing::warn!(error = %rollback, "could not roll back");
            }
            Err(error)
        }
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
