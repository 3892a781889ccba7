//! Reading on somebody's behalf. What is not public is read through here and nowhere else.

use sea_orm::{ConnectionTrait, DbBackend, TransactionOptions};

use super::{Connection, Storage, StorageError, roles};
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

    /// [`Self::read_everything`] as it is at one moment.
    pub async fn read_everything_at_one_moment(&self) -> Result<Reader, StorageError> {
        self.reader(roles::AS_SERVICE_AT_ONE_MOMENT).await
    }

    async fn reader(&self, identity: &str) -> Result<Reader, StorageError> {
        let readers = self.0.readers.share()?;
        let is_sqlite = readers.get_database_backend() == DbBackend::Sqlite;
        // `SQLite` knows no row-level security, and every statement may take another connection.
        let connection = if is_sqlite && identity != roles::AS_SERVICE_AT_ONE_MOMENT {
            readers
        } else {
            // On a task of its own: dropped half-way, it would leave an open transaction behind
            // (see `transaction.rs`).
            let begin = async move { readers.begin(TransactionOptions::default()).await };
            let begun = tokio::spawn(begin).await??;
            if !is_sqlite {
                begun.execute_unprepared(identity).await?;
            }
            begun
        };
        Ok(Reader { storage: self.clone(), connection })
    }
}

impl Reader {
    /// One person, as known a moment ago.
    pub async fn person(&self, id: UserId) -> Result<Option<Person>, StorageError> {
        Ok(self.storage.people_on(self.connection(), [id]).await?.remove(&id))
    }

    /// What queries run on.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.connection().get_database_backend()
    }
}
