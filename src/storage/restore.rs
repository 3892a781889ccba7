//! Putting a copy of the `SQLite` file in the place of the database.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm::ConnectionTrait;
use sqlx::sqlite::{SqliteJournalMode, SqliteLockingMode};

use super::{
    StorageError,
    backup::{BackupError, check, create_private, failed, open, replace, sync, with_suffix},
    connect,
    migrate::{lock_file, migrate_up},
};
use crate::{
    config::{DatabaseConfig, DatabaseUrl},
    domain::{Epoch, clock},
};

/// What became of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The new identity: every client starts afresh.
    pub epoch: Epoch,
    /// Where the database is now that was there before.
    pub set_aside: Option<PathBuf>,
}

/// Makes the copy at `backup` the database. The server must not run. Nothing changes when it fails,
/// and what was there before is kept.
pub async fn restore(config: &DatabaseConfig, backup: &Path) -> Result<Restored, BackupError> {
    let file = config.url.sqlite_file().ok_or(BackupError::NotSqlite("pg_restore"))?;
    if !backup.is_file() {
        return Err(BackupError::NoDatabase(backup.to_owned()));
    }
    check(backup).await?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|source| failed(folder, source))?;
    }
    // A server that starts meanwhile waits for it.
    let _lock = lock_file(file.with_extension("migrate.lock")).await?;
    refuse_while_in_use(&file).await?;

    let workshop = with_suffix(&file, ".restoring");
    if workshop.exists() {
        fs::remove_dir_all(&workshop).map_err(|source| failed(&workshop, source))?;
    }
    DirBuilder::new().mode(0o700).create(&workshop).map_err(|source| failed(&workshop, source))?;
    let prepared = workshop.join("restored.db");
    let placed = match prepare(config, backup, &prepared).await {
        Ok(epoch) => set_aside(&file).and_then(|set_aside| {
            replace(&prepared, &file)?;
            Ok(Restored { epoch, set_aside })
        }),
        Err(error) => Err(error),
    };
    fs::remove_dir_all(&workshop).map_err(|source| failed(&workshop, source))?;
    placed
}

/// A copy with the current schema and an identity of its own, whole in one file.
async fn prepare(
    config: &DatabaseConfig,
    backup: &Path,
    prepared: &Path,
) -> Result<Epoch, BackupError> {
    create_private(prepared)?;
    fs::copy(backup, prepared).map_err(|source| failed(backup, source))?;
    private(prepared)?;
    let url = DatabaseUrl::new(format!("sqlite://{}", prepared.display()));
    let config = DatabaseConfig { url, ..config.clone() };
    migrate_up(&config).await?;
    let storage = connect(&config).await?;
    let epoch = storage.renew_epoch().await?;
    storage.close().await;
    // Brings home what is in the write-ahead log; the server turns it on again.
    open(prepared, |options| options.journal_mode(SqliteJournalMode::Delete))
        .await?
        .close()
        .await?;
    check(prepared).await?;
    sync(prepared)?;
    Ok(epoch)
}

/// The copy of a backup has its mode, whatever that is.
fn private(file: &Path) -> Result<(), BackupError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))
        .map_err(|source| failed(file, source))
}

/// Every connection holds a shared lock for as long as it lives; a damaged database is in nobody's use.
async fn refuse_while_in_use(file: &Path) -> Result<(), BackupError> {
    if !file.exists() {
        return Ok(());
    }
    let alone = async {
        let connection = open(file, |options| {
            options.locking_mode(SqliteLockingMode::Exclusive).busy_timeout(Duration::ZERO)
        })
        .await?;
        let locked = connection.execute_unprepared("BEGIN EXCLUSIVE; ROLLBACK").await;
        connection.close().await?;
        locked.map(|_result| ())
    };
    match alone.await.map_err(StorageError::from) {
        Err(StorageError::Unavailable(error)) => Err(BackupError::InUse(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Gives what is there a second name, under which it stays. At no moment the first one is free: a
/// server that finds no file would make an empty one.
fn set_aside(file: &Path) -> Result<Option<PathBuf>, BackupError> {
    if !file.exists() {
        return Ok(None);
    }
    let stamp = clock::now().format(".replaced-%Y%m%dT%H%M%S%6fZ").to_string();
    let aside = with_suffix(file, &stamp);
    fs::hard_link(file, &aside).map_err(|source| failed(&aside, source))?;
    for suffix in ["-wal", "-shm"] {
        match fs::rename(with_suffix(file, suffix), with_suffix(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(file, error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(Some(aside))
}
