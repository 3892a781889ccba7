//! The one way to begin a transaction.

use std::{future::Future, pin::Pin};

use sea_orm::{SqliteTransactionMode, TransactionOptions};

use super::{Connection, Storage, StorageError};

/// An open transaction.
pub type Tx = Connection;

type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

/// What is known of a transaction that was to be committed.
#[derive(Debug)]
pub enum Written<T> {
    Committed(T),
    /// The commit failed, or only its answer was lost.
    Doubtful(T, StorageError),
}

impl Storage {
    /// Runs `work` in a transaction and commits it; rolls back when `work` fails.
    pub async fn write_tx<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a Tx) -> Work<'a, T> + Send + 'static,
    {
        match self.try_write_tx(work).await? {
            Written::Committed(done) => Ok(done),
            Written::Doubtful(_, error) => Err(error),
        }
    }

    /// [`Self::write_tx`] for those who want to know what may have been written by a commit that failed.
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
        let writer = self.0.writer.share()?;
        tokio::spawn(async move {
            // Taking the write lock at once, SQLite waits for another process instead of failing.
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            let tx = writer.begin(options).await?;
            match work(&tx).await {
                Ok(done) => Ok(match commit(tx).await {
                    Ok(()) => Written::Committed(done),
                    Err(error) => Written::Doubtful(done, error),
                }),
                Err(error) => {
                    if let Err(rollback) = tx.rollback().await {
                        tracing::warn!(error = %rollback, "could not roll back");
                    }
                    Err(error)
                }
            }
        })
        .await?
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
