//! What can go wrong in the database, told apart by what to do about it.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A failed database operation.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database cannot be reached or is busy: the same may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] DbErr),
    /// A unique key is taken: somebody else was faster.
    #[error("a unique key is taken: {0}")]
    Conflict(#[source] DbErr),
    /// There is no room left.
    #[error("the database is full: {0}")]
    Full(#[source] DbErr),
    #[error("the database failed: {0}")]
    Failed(#[source] DbErr),
    /// The task that ran a transaction died.
    #[error("a transaction was aborted: {0}")]
    Aborted(#[from] tokio::task::JoinError),
}

/// `SQLite` result codes 5 and 6 with their extended forms, 10 `IOERR`, 14 `CANTOPEN`.
const SQLITE_BUSY: &[u32] = &[5, 6, 10, 14];
const SQLITE_FULL: u32 = 13;

impl From<DbErr> for StorageError {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            return Self::Conflict(error);
        }
        let class = if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
            Class::Unavailable
        } else if let DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) = &error
        {
            classify(cause)
        } else {
            Class::Other
        };
        match class {
            Class::Unavailable => Self::Unavailable(error),
            Class::Full => Self::Full(error),
            Class::Other => Self::Failed(error),
        }
    }
}

enum Class {
    Unavailable,
    Full,
    Other,
}

fn classify(cause: &sqlx::Error) -> Class {
    if matches!(
        cause,
        sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
    ) {
        return Class::Unavailable;
    }
    match cause.as_database_error().and_then(sqlx::error::DatabaseError::code) {
        Some(code) => classify_code(&code),
        None => Class::Other,
    }
}

/// PostgreSQL has five letters and digits (its manual, appendix A), `SQLite` a number.
fn classify_code(code: &str) -> Class {
    if let Ok(number) = code.parse::<u32>()
        && code.len() < 5
    {
        let primary = number & 0xff;
        return if SQLITE_BUSY.contains(&primary) {
            Class::Unavailable
        } else if primary == SQLITE_FULL {
            Class::Full
        } else {
            Class::Other
        };
    }
    match code {
        "53100" => Class::Full,
        // Serialisation failure, deadlock, statement and idle timeouts: all may succeed later.
        "40001" | "40P01" | "57014" | "25P03" => Class::Unavailable,
        // Connection exceptions, insufficient resources, operator intervention, errors of the system
        // below: PostgreSQL dies of a flush that fails, and what it was about to commit may be there.
        _ if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
            Class::Unavailable
        }
        _ => Class::Other,
    }
}
