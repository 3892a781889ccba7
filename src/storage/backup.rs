//! A copy of the `SQLite` file, taken while the server runs.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};
use sqlx::sqlite::SqliteConnectOptions;

use crate::config::DatabaseConfig;

/// Why a backup was not made, or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(
        "the database is PostgreSQL: use {0}, and `epoch renew` after restoring (docs/operations.md)"
    )]
    NotSqlite(&'static str),
    #[error("there is no database at {}", .0.display())]
    NoDatabase(PathBuf),
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    #[error("{} is no database of this program", .0.display())]
    Foreign(PathBuf),
    #[error("{} is damaged: {reason}", file.display())]
    Damaged { file: PathBuf, reason: String },
    #[error("the database is in use, stop the server first: {0}")]
    InUse(#[source] DbErr),
    #[error("{}: {source}", file.display())]
    File { file: PathBuf, source: io::Error },
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Connect(#[from] super::ConnectError),
    #[error(transparent)]
    Storage(#[from] super::StorageError),
}

/// Copies the database to `target`, which must not exist; returns the size of the copy in bytes.
///
/// The copy is what one reading transaction sees: everything acknowledged before it began. It never
/// stands in the way of the server's writes.
pub async fn back_up(config: &DatabaseConfig, target: &Path) -> Result<u64, BackupError> {
    let file = config.url.sqlite_file().ok_or(BackupError::NotSqlite("pg_dump"))?;
    if !file.exists() {
        return Err(BackupError::NoDatabase(file));
    }
    // Keeps the name: until the copy is complete it is an empty file, which nobody can restore.
    create_private(target)?;
    // Beside it, because only within one file system a file can be put in the place of another.
    let partial = with_suffix(target, &format!(".{}.partial", process::id()));
    let copied = copy(&file, &partial).await;
    let placed = copied.and_then(|()| replace(&partial, target));
    if placed.is_err() {
        for leftover in [&partial, target] {
            if let Err(error) = fs::remove_file(leftover) {
                tracing::debug!(%error, "nothing to take away");
            }
        }
    }
    placed?;
    Ok(fs::metadata(target).map_err(|source| failed(target, source))?.len())
}

async fn copy(file: &Path, partial: &Path) -> Result<(), BackupError> {
    // `VACUUM INTO` fills an empty file and so keeps its mode.
    create_private(partial)?;
    let source = open(file, |options| options).await?;
    let into =
        partial.to_str().ok_or_else(|| failed(partial, io::ErrorKind::InvalidInput.into()))?;
    let vacuum = Statement::from_sql_and_values(
        source.get_database_backend(),
        "VACUUM INTO ?",
        [into.into()],
    );
    let done = source.execute_raw(vacuum).await;
    source.close().await?;
    done?;
    sync(partial)?;
    check(partial).await
}

/// Whether the file is a whole database of this program.
pub(super) async fn check(file: &Path) -> Result<(), BackupError> {
    let damaged =
        |error: DbErr| BackupError::Damaged { file: file.to_owned(), reason: error.to_string() };
    let connection = open(file, |options| options.read_only(true)).await.map_err(damaged)?;
    let checked = async {
        let found = text(&connection, "PRAGMA integrity_check").await.map_err(damaged)?;
        if found != "ok" {
            return Err(damaged(DbErr::Custom(found)));
        }
        let known = "SELECT count(*) || '' FROM sqlite_master WHERE name = 'seaql_migrations'";
        match text(&connection, known).await.map_err(damaged)?.as_str() {
            "1" => Ok(()),
            _ => Err(BackupError::Foreign(file.to_owned())),
        }
    };
    let checked = checked.await;
    connection.close().await?;
    checked
}

/// One connection to a file that exists.
pub(super) async fn open(
    file: &Path,
    change: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions + Send + Sync + 'static,
) -> Result<DatabaseConnection, DbErr> {
    let file = file.to_owned();
    let mut options = ConnectOptions::new("sqlite:");
    options.max_connections(1).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(move |options| {
        let options = options.filename(&file).create_if_missing(false);
        change(options.busy_timeout(Duration::from_secs(5)))
    });
    Database::connect(options).await
}

async fn text(connection: &DatabaseConnection, sql: &str) -> Result<String, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
}

/// A new file that only its owner can read.
pub(super) fn create_private(file: &Path) -> Result<(), BackupError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(BackupError::Exists(file.to_owned()))
        }
        Err(source) => Err(failed(file, source)),
    }
}

/// Puts one file in the place of another, for good when this returns.
pub(super) fn replace(file: &Path, target: &Path) -> Result<(), BackupError> {
    fs::rename(file, target).map_err(|source| failed(target, source))?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    sync(folder.unwrap_or(Path::new(".")))
}

/// What is in the file or folder survives a power cut when this returns.
pub(super) fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|source| failed(path, source))
}

pub(super) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(super) fn failed(file: &Path, source: io::Error) -> BackupError {
    BackupError::File { file: file.to_owned(), source }
}
