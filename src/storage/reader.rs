//! Reading on somebody's behalf. What is not public is read through here and nowhere else.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend,
};

use super::{Storage, StorageError, bounded::Bounded, roles};
use crate::domain::{Person, UserId};

/// The database as one person sees it, for the length of one request.
///
/// On PostgreSQL this is a transaction that tells row-level security who asks, so that a query
/// which forgets to ask for membership finds nothing (`docs/adr/0013-row-level-security.md`). It
/// holds one connection until it is dropped: whoever holds one must not wait for another, nor for a
/// command.
#[derive(Debug)]
pub struct Reader {
    pub(super) storage: Storage,
    connection: Connection,
}

#[derive(Debug)]
enum Connection {
    /// `SQLite` knows no row-level security, and every statement may take another connection.
    Pool(Bounded<DatabaseConnection>),
    Transaction(Bounded<DatabaseTransaction>),
}

impl Storage {
    /// Reads what `user` may see.
    pub async fn read_as(&self, user: UserId) -> Result<Reader, StorageError> {
        self.reader(&roles::as_user(user)).await
    }

    /// Reads whatever there is: for the server's own work and for moderators, never with an id that
    /// has not been checked.
    pub async fn read_everything(&self) -> Result<Reader, StorageError> {
        self.reader(roles::AS_SERVICE).await
    }

    /// [`Self::read_everything`] as it is at one moment; on `SQLite` each statement has its own.
    pub async fn read_everything_at_one_moment(&self) -> Result<Reader, StorageError> {
        self.reader(roles::AS_SERVICE_AT_ONE_MOMENT).await
    }

    async fn reader(&self, identity: &str) -> Result<Reader, StorageError> {
        let readers = self.0.readers.clone();
        let connection = if readers.get_database_backend() == DbBackend::Sqlite {
            Connection::Pool(readers)
        } else {
            // On a task of its own: dropped half-way, it would leave an open transaction behind
            // (see `transaction.rs`).
            let begun = tokio::spawn(async move { readers.begin().await }).await??;
            begun.execute_unprepared(identity).await?;
            Connection::Transaction(begun)
        };
        Ok(Reader { storage: self.clone(), connection })
    }
}

impl Reader {
    /// One person, as known a moment ago.
    pub async fn person(&self, id: UserId) -> Result<Option<Person>, StorageError> {
        Ok(self.storage.people_on(&self.connection(), [id]).await?.remove(&id))
    }

    /// What queries run on.
    pub(super) fn connection(&self) -> Bounded<DatabaseExecutor<'_>> {
        match &self.connection {
            Connection::Pool(pool) => pool.alike(pool.inner().into()),
            Connection::Transaction(transaction) => transaction.alike(transaction.inner().into()),
        }
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.connection().get_database_backend()
    }
}
