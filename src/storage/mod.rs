//! The database: `SeaORM` lives here and nowhere else. Domain values in, domain values out.
//!
//! Reads go through a pool of reading connections, what is not public through a `Reader` that
//! knows who asks. Writes go through one lane: only `Storage::write_tx` begins a transaction.

mod audit;
mod backup;
mod changes;
mod connect;
mod connection;
mod conversation_list;
mod conversations;
mod devices;
mod echoes;
mod error;
mod follows;
mod history;
mod housekeeping;
mod membership;
mod message_changes;
mod messages;
mod migrate;
mod moderation;
mod notices;
mod notification_settings;
mod notifications;
mod outages;
mod pending_receipts;
mod people;
mod private_file;
mod profiles;
mod reader;
mod receipts;
mod restore;
mod roles;
mod sequence;
mod standings;
mod sync;
mod tickets;
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
use sea_orm::{DatabaseConnection, DbBackend};
use tokio::sync::Semaphore;

pub use audit::AuditFilter;
pub use backup::{BackupError, back_up};
pub use changes::{Changes, ConversationChanges};
pub use connect::{ConnectError, connect};
pub use connection::{Connection, Pending, StandIn};
pub use conversation_list::ConversationSummary;
pub use devices::NewDevice;
pub use echoes::RestEcho;
pub use error::StorageError;
pub use follows::FollowSide;
pub use history::{Page, PageStart};
pub use membership::Standings;
pub use messages::NewMessage;
pub use migrate::{MigrateError, MigrationState, migrate_down, migrate_up, migration_status};
pub use notifications::NotificationFilter;
pub use people::PeopleSearch;
pub use profiles::ProfileChange;
pub use reader::Reader;
pub use receipts::{CursorMove, Marked, Undelivered};
pub use restore::{Restored, restore};
pub use sequence::{NumbersWanted, Taken};
pub use standings::{Hidden, Unheard};
pub use transaction::{TransactionId, Tx, Written};
pub use users::NewUser;

use crate::domain::{
    ConversationId, DirectPair, Epoch, NotificationSettings, OnlineUsers, Person, UserId,
};
use outages::Outages;
use pending_receipts::PendingReceipts;

/// How long a looked-up person, and the epoch, is believed. Bounds how long a change made by another process goes
/// unseen.
const PERSON_TTL: Duration = Duration::from_secs(2);

/// As long as a process lives.
const FOR_EVER: Duration = Duration::from_hours(24 * 365);

/// People and conversations kept at hand, at most.
const CACHE_ENTRIES: u64 = 100_000;

/// The database as everything else sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    writer: Connection,
    readers: Connection,
    outages: Outages,
    people: Cache<UserId, Person>,
    /// What people want to be told of, believed as long as people are.
    settings: Cache<UserId, Arc<NotificationSettings>>,
    /// The pair of a direct conversation never changes, even if one of them leaves.
    pairs: Cache<ConversationId, DirectPair>,
    epoch: Cache<(), Epoch>,
    pending: PendingReceipts,
    /// Turns to catch up: fewer than there are connections to read on.
    catching_up: Semaphore,
    /// Whether every message leaves a notification.
    notifies_of_messages: AtomicBool,
    notification_listeners: OnlineUsers,
}

impl Storage {
    fn new(
        writer: DatabaseConnection,
        readers: DatabaseConnection,
        read_connections: u32,
        outages: Outages,
    ) -> Self {
        // SQLite is a file: it answers or fails.
        let is_far = readers.get_database_backend() == DbBackend::Postgres;
        let readers = Connection::of(readers, is_far.then(|| outages.clone()));
        let writer = Connection::of(writer, None);
        Self::believing_for(PERSON_TTL, writer, readers, read_connections, outages)
    }

    /// A database played by somebody else: see [`StandIn`].
    pub fn played_by(
        writer: Arc<dyn StandIn>,
        readers: Arc<dyn StandIn>,
        read_connections: u32,
    ) -> Self {
        let (writer, readers) = (writer.into(), readers.into());
        // The caches go by the real clock, which must not decide about anything there.
        Self::believing_for(FOR_EVER, writer, readers, read_connections, Outages::default())
    }

    fn believing_for(
        ttl: Duration,
        writer: Connection,
        readers: Connection,
        read_connections: u32,
        outages: Outages,
    ) -> Self {
        let turns = (read_connections / 2).max(1) as usize;
        Self(Arc::new(Inner {
            writer,
            readers,
            outages,
            people: Cache::builder().max_capacity(CACHE_ENTRIES).time_to_live(ttl).build(),
            settings: Cache::builder().max_capacity(CACHE_ENTRIES).time_to_live(ttl).build(),
            pairs: Cache::new(CACHE_ENTRIES),
            epoch: Cache::builder().max_capacity(1).time_to_live(ttl).build(),
            pending: PendingReceipts::default(),
            catching_up: Semaphore::new(turns),
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
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "could not close a database connection");
            }
        }
    }
}
