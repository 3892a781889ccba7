//! Schema changes, under a lock: several servers may start at once on one database.

use std::{fs, io, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};

/// A schema change that could not be made.
pub type MigrateError = DbErr;

use super::private_file;
use crate::config::DatabaseConfig;

/// Name of the advisory lock on PostgreSQL; any constant that nobody else uses.
const LOCK_KEY: i64 = 0x7669_6b72_6168_7562;

/// A schema change and whether it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    pub name: String,
    pub applied: bool,
}

/// Applies everything that is missing.
pub async fn migrate_up(config: &DatabaseConfig) -> Result<(), DbErr> {
    locked(config, async |connection| Migrator::up(connection, None).await).await
}

/// Takes back the newest change.
pub async fn migrate_down(config: &DatabaseConfig) -> Result<(), DbErr> {
    locked(config, async |connection| Migrator::down(connection, Some(1)).await).await
}

/// Every schema change in order.
pub async fn migration_status(config: &DatabaseConfig) -> Result<Vec<MigrationState>, DbErr> {
    let connection = open(config).await?;
    let applied = Migrator::get_applied_migrations(&connection).await?;
    let applied: Vec<_> = applied.iter().map(|migration| migration.name().to_owned()).collect();
    connection.close().await?;
    Ok(Migrator::migrations()
        .iter()
        .map(|migration| MigrationState {
            applied: applied.iter().any(|name| name == migration.name()),
            name: migration.name().to_owned(),
        })
        .collect())
}

async fn locked(
    config: &DatabaseConfig,
    work: impl AsyncFnOnce(&DatabaseConnection) -> Result<(), DbErr>,
) -> Result<(), DbErr> {
    private_file::create(config).map_err(|error| DbErr::Custom(error.to_string()))?;
    let file_lock = match config.url.sqlite_file() {
        Some(file) => Some(lock_file(file.with_extension("migrate.lock")).await?),
        None => None,
    };
    let connection = open(config).await?;
    let on_postgres = !config.url.is_sqlite();
    if on_postgres {
        // Held by the session: it ends with the connection, whatever happens.
        let lock = format!("SELECT pg_advisory_lock({LOCK_KEY})");
        let lock = Statement::from_string(connection.get_database_backend(), lock);
        connection.query_one_raw(lock).await?;
    }
    let done = work(&connection).await;
    connection.close().await?;
    drop(file_lock);
    done
}

/// One connection without the limits of the serving ones: a schema change may take its time.
async fn open(config: &DatabaseConfig) -> Result<DatabaseConnection, DbErr> {
    private_file::create(config).map_err(|error| DbErr::Custom(error.to_string()))?;
    let mut options = ConnectOptions::new(config.owner_url().expose());
    options.max_connections(1).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(10))
    });
    Database::connect(options).await
}

pub(super) async fn lock_file(path: std::path::PathBuf) -> Result<fs::File, DbErr> {
    let locked = tokio::task::spawn_blocking(move || -> io::Result<fs::File> {
        let file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        file.lock()?;
        Ok(file)
    });
    let file = locked.await.map_err(|error| DbErr::Custom(error.to_string()))?;
    file.map_err(|error| DbErr::Custom(format!("cannot lock the database file: {error}")))
}
