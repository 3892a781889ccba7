//! The database: `SeaORM` lives here and nowhere else. Domain values in, domain values out.
//!
//! Reads go through a pool of reading connections, what is not public through a `Reader` that
//! knows who asks. Writes go through one lane: only `Storage::write_tx` begins a transaction.

mod connect;
mod conversation_list;
mod conversations;
mod echoes;
mod error;
mod follows;
mod message_changes;
mod messages;
mod migrate;
mod notifications;
mod pending_receipts;
mod people;
mod private_file;
mod reader;
mod receipts;
mod roles;
mod sequence;
mod transaction;
mod users;
mod values;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;
use sea_orm::DatabaseConnection;

pub use connect::{ConnectError, connect};
pub use conversation_list::ConversationSummary;
pub use echoes::RestEcho;
pub use error::StorageError;
pub use follows::FollowSide;
pub use messages::{NewMessage, Page, PageStart};
pub use migrate::{MigrateError, MigrationState, migrate_down, migrate_up, migration_status};
pub use notifications::NotificationFilter;
pub use people::PeopleSearch;
pub use reader::Reader;
pub use receipts::{CursorMove, Marked, Undelivered};
pub use sequence::{NumbersWanted, Taken};
pub use transaction::Tx;
pub use users::NewUser;

use crate::domain::{ConversationId, DirectPair, OnlineUsers, Person, UserId};
use pending_receipts::PendingReceipts;

/// How long a looked-up person is believed. Bounds how long a change made by another process goes
/// unseen.
const PERSON_TTL: Duration = Duration::from_secs(2);

/// People and conversations kept at hand, at most.
const CACHE_ENTRIES: u64 = 100_000;

/// The database as everything else sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    people: Cache<UserId, Person>,
    /// The members of a direct conversation never change.
    pairs: Cache<ConversationId, DirectPair>,
    pending: PendingReceipts,
    /// Whether every message leaves a notification.
    notifies_of_messages: AtomicBool,
    notification_listeners: OnlineUsers,
}

impl Storage {
    fn new(writer: DatabaseConnection, readers: DatabaseConnection) -> Self {
        Self(Arc::new(Inner {
            writer,
            readers,
            people: Cache::builder().max_capacity(CACHE_ENTRIES).time_to_live(PERSON_TTL).build(),
            pairs: Cache::new(CACHE_ENTRIES),
            pending: PendingReceipts::default(),
            notifies_of_messages: AtomicBool::new(true),
            notification_listeners: OnlineUsers::default(),
        }))
    }

    /// Chooses whether every message leaves a notification; it does unless told otherwise.
    pub fn notify_of_messages(&self, wanted: bool) {
        self.0.notifies_of_messages.store(wanted, Ordering::Relaxed);
    }

    pub fn notifies_of_messages(&self) -> bool {
        self.0.notifies_of_messages.load(Ordering::Relaxed)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StorageError> {
        Ok(self.0.readers.ping().await?)
    }

    /// Ends every connection; later use fails.
    pub async fn close(&self) {
        for connection in [&self.0.writer, &self.0.readers] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "could not close a database connection");
            }
        }
    }
}
