//! Opening the database: one lane that writes, several connections that read, and the refusal of
//! settings under which an acknowledged message could be lost.

use std::{io, time::Duration};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use super::{Connection, Storage, outages::Outages, private_file, roles};
use crate::{config::DatabaseConfig, telemetry::metrics};

/// Longest wait for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// Prepared statements kept per connection (`values.rs` keeps their number small).
const STATEMENT_CACHE: usize = 256;

/// Rows are looked up by key and by hardly anything else. Without these settings, a plan made while a
/// table was small would be kept and read all of it later; and what PostgreSQL takes for expensive, a
/// few rows of a large table, would be compiled for half a second to run for less than one
/// millisecond.
const BY_KEY: [(&str, &str); 4] = [
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
];

/// PostgreSQL lets go of a connection whose other end has gone without a word, within a minute.
const NOTICE_OUR_END: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "20"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "4"),
    ("tcp_user_timeout", "30000"),
];

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("database.url: cannot create the database file: {0}")]
    File(#[source] io::Error),
    #[error("database.url: cannot open the database: {0}")]
    Open(#[from] DbErr),
    #[error(
        "database: `{setting}` is `{value}`, so a power cut can lose acknowledged messages; \
         change it, or set database.allow_unsafe_durability = true"
    )]
    UnsafeDurability { setting: &'static str, value: String },
    #[error("database: the role {0} would see what row-level security hides")]
    RoleTooMighty(String),
    #[error("database: no forced row-level security on: {0}; run `migrate up`")]
    Unprotected(String),
    #[error(
        "database.url: {0} is a superuser or owns the tables; give it to database.owner_url, and \
         database.url a role of its own (database.require_application_role is set)"
    )]
    LoginTooMighty(String),
}

/// Opens the database and checks that it keeps what it commits.
pub async fn connect(config: &DatabaseConfig) -> Result<Storage, ConnectError> {
    let storage = if config.url.is_sqlite() {
        connect_sqlite(config).await?
    } else {
        connect_postgres(config).await?
    };
    if config.allow_unsafe_durability {
        tracing::warn!("database.allow_unsafe_durability is set: a power cut can lose messages");
    } else {
        check_durability(config, &storage.0.readers).await?;
    }
    if !config.url.is_sqlite() {
        roles::check(config, &storage.0.readers).await?;
    }
    Ok(storage)
}

async fn connect_sqlite(config: &DatabaseConfig) -> Result<Storage, ConnectError> {
    private_file::create(config).map_err(ConnectError::File)?;
    let outages = Outages::default();
    let mut writing = sqlite_options(config, 1, false);
    outages.watch_sqlite(&mut writing);
    let writer = open(writing).await?;
    let readers = open(sqlite_options(config, config.read_connections, true)).await?;
    Ok(Storage::new(writer, readers, config.read_connections, outages))
}

fn sqlite_options(config: &DatabaseConfig, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = base_options(config, connections);
    options.test_before_acquire_if_idle_for(Duration::from_secs(5));
    options.map_sqlx_sqlite_opts(move |options| {
        let options = options
            .create_if_missing(!read_only)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL loses acknowledged rows in a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(STATEMENT_CACHE)
            // A page of history at once: its thread and the asking one would take turns otherwise.
            .row_buffer_size(256)
            .pragma("wal_autocheckpoint", "2000")
            .pragma("journal_size_limit", "67108864")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", if read_only { "-8192" } else { "-32768" });
        if read_only { options.pragma("query_only", "ON") } else { options }
    });
    options
}

async fn connect_postgres(config: &DatabaseConfig) -> Result<Storage, ConnectError> {
    let outages = Outages::default();
    let mut writing = base_options(config, 2);
    writing.connect_lazy(true);
    writing.map_sqlx_postgres_opts(|options| {
        options
            .application_name("vikrahub-messaging")
            .statement_cache_capacity(STATEMENT_CACHE)
            .options(BY_KEY)
            .options([
                ("role", roles::WRITER),
                // Before the server stops waiting (see `outages.rs`).
                ("statement_timeout", "3500"),
                // The ROLLBACK before each use warns when there is nothing to roll back: always.
                ("client_min_messages", "error"),
                // The last resort against a transaction left open (see `transaction.rs`).
                ("idle_in_transaction_session_timeout", "5000"),
            ])
            .options(NOTICE_OUR_END)
    });
    outages.watch(&mut writing, true);
    let mut reading = base_options(config, config.read_connections);
    reading.map_sqlx_postgres_opts(|options| {
        options
            .application_name("vikrahub-messaging reader")
            .options(BY_KEY)
            .options([
                ("role", roles::READER),
                ("statement_timeout", "3500"),
                ("default_transaction_read_only", "on"),
                ("idle_in_transaction_session_timeout", "10000"),
            ])
            .options(NOTICE_OUR_END)
    });
    outages.watch(&mut reading, false);
    let (writer, readers) = (open(writing).await?, open(reading).await?);
    Ok(Storage::new(writer, readers, config.read_connections, outages))
}

async fn open(options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let mut connection = Database::connect(options).await?;
    connection.set_metric_callback(|info| {
        metrics().statements.increment(1);
        // Never with its values: they are what people write to each other.
        let (sql, took) = (info.statement.sql.as_str(), info.elapsed);
        tracing::trace!(target: "vikrahub_messaging::sql", sql, ?took, failed = info.failed);
    });
    Ok(connection)
}

fn base_options(config: &DatabaseConfig, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(config.url.expose());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .max_lifetime(Duration::from_mins(30))
        // A ping before every statement would cost a round trip (see `outages.rs`).
        .test_before_acquire(false)
        .sqlx_logging(false);
    options
}

async fn check_durability(
    config: &DatabaseConfig,
    connection: &Connection,
) -> Result<(), ConnectError> {
    if config.url.is_sqlite() {
        let row = connection.query_one_raw(statement(connection, "PRAGMA journal_mode")).await?;
        let mode: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(ConnectError::UnsafeDurability { setting: "journal_mode", value: mode });
        }
        return Ok(());
    }
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let row =
            connection.query_one_raw(statement(connection, &format!("SHOW {setting}"))).await?;
        let value: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        if value == "off" {
            return Err(ConnectError::UnsafeDurability { setting, value });
        }
    }
    Ok(())
}

fn statement(connection: &Connection, sql: &str) -> sea_orm::Statement {
    sea_orm::Statement::from_string(connection.get_database_backend(), sql)
}
