//! The one way to begin a transaction.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use super::{
    Storage, StorageError,
    outages::{ANSWER_WITHIN, no_answer},
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
            let is_committing = AtomicBool::new(false);
            let done = run(&storage.0.writer, work, &is_committing);
            // SQLite is a file: it answers or fails.
            let Some(outages) = &storage.0.outages else { return done.await };
            let result = tokio::time::timeout(ANSWER_WITHIN, done)
                .await
                .unwrap_or_else(|_elapsed| Err(no_answer().into()));
            if let Err(StorageError::Unavailable(error)) = &result {
                outages.observe(error);
                if is_committing.load(Ordering::Relaxed) {
                    tracing::warn!("nobody knows whether a transaction was committed");
                    storage.0.doubt.cast(since);
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
            commit(tx).await?;
            Ok(done)
        }
        Err(error) => {
            if let Err(rollback) = tx.rollback().await {
                tracing::warn!(error = %rollback, "could not roll back");
            }
            Err(error)
        }
    }
}

#[cfg(not(feature = "broken-ack-before-commit"))]
async fn commit(tx: Tx) -> Result<(), StorageError> {
    Ok(tx.commit().await?)
}

/// What must not be done, so that the test of crashes can show that it would notice: what is
/// answered now is committed a moment later.
#[cfg(feature = "broken-ack-before-commit")]
#[expect(clippy::unused_async, reason = "it stands in for the one above")]
async fn commit(tx: Tx) -> Result<(), StorageError> {
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        drop(tx.commit().await);
    });
    Ok(())
}
