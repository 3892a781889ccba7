//! Section `database`: which one, and how writes are gathered into transactions.

use std::{fmt, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::{InvalidValue, at_least, at_most};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    pub url: DatabaseUrl,
    /// PostgreSQL: where schema changes are made; empty = as `url`.
    pub owner_url: DatabaseUrl,
    /// PostgreSQL: refuse to serve as the owner of the tables or as a superuser.
    pub require_application_role: bool,
    /// Connections for reading.
    pub read_connections: u32,
    /// Most commands one transaction takes; 1 = no group commit.
    pub batch_max: usize,
    /// Most commands that wait for a transaction; beyond, clients are told to come back.
    pub queue_max: usize,
    /// Age of the oldest waiting command, in milliseconds, beyond which clients are told to come
    /// back; what matters less than messages is refused sooner. 0 = never.
    pub shed_after_ms: u64,
    /// Milliseconds after which a command that still waits is refused instead of stored. 0 = never.
    pub expire_after_ms: u64,
    /// Accept a database whose settings can lose acknowledged messages in a power cut.
    pub allow_unsafe_durability: bool,
}

/// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`; the password is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: DatabaseUrl("sqlite://data/vikrahub.db".into()),
            owner_url: DatabaseUrl(String::new()),
            require_application_role: false,
            read_connections: 4,
            batch_max: 512,
            queue_max: 20_000,
            shed_after_ms: 2_000,
            expire_after_ms: 5_000,
            allow_unsafe_durability: false,
        }
    }
}

impl DatabaseConfig {
    /// Where the schema is changed.
    pub fn owner_url(&self) -> &DatabaseUrl {
        if self.owner_url.0.is_empty() { &self.url } else { &self.owner_url }
    }

    /// The age of the queue beyond which nothing more is let in.
    pub fn shed_after(&self) -> Option<Duration> {
        (self.shed_after_ms > 0).then(|| Duration::from_millis(self.shed_after_ms))
    }

    /// The age at which a waiting command is given up.
    pub fn expire_after(&self) -> Option<Duration> {
        (self.expire_after_ms > 0).then(|| Duration::from_millis(self.expire_after_ms))
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        let url = self.url.expose();
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(InvalidValue {
                key: "database.url",
                reason: "must begin with sqlite:// or postgres://".into(),
            });
        }
        if self.url.is_sqlite() && self.url.sqlite_file().is_none() {
            return Err(InvalidValue {
                key: "database.url",
                reason: "must name a file: a database in memory keeps nothing".into(),
            });
        }
        if !self.owner_url.0.is_empty()
            && (self.url.is_sqlite() || !self.owner_url.0.starts_with("postgres"))
        {
            return Err(InvalidValue {
                key: "database.owner_url",
                reason: "is for PostgreSQL, and must begin with postgres://".into(),
            });
        }
        at_least("database.read_connections", &self.read_connections, &1)?;
        at_least("database.batch_max", &self.batch_max, &1)?;
        // SQLite binds 32,766 parameters at most; a message takes 10, and batches are filled up to
        // the next power of two.
        at_most("database.batch_max", &self.batch_max, &2_048)?;
        at_least("database.queue_max", &self.queue_max, &1)
    }
}

impl DatabaseUrl {
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address with its password: for connecting only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The file of an `SQLite` address; `None` for PostgreSQL and for a database in memory.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let path = self.0.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or(path);
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }

    fn redacted(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else { return self.0.clone() };
        let Some((credentials, host)) = rest.rsplit_once('@') else { return self.0.clone() };
        match credentials.split_once(':') {
            Some((user, _)) => format!("{scheme}://{user}:[redacted]@{host}"),
            None => self.0.clone(),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_address_has_no_password() {
        let url = DatabaseUrl::new("postgres://chat:p@ss:w0rd@db.example/chat");

        assert_eq!(format!("{url:?}"), "postgres://chat:[redacted]@db.example/chat");
        assert_eq!(format!("{:?}", DatabaseUrl::new("sqlite://x.db")), "sqlite://x.db");
    }

    #[test]
    fn the_sqlite_file_is_read_from_the_address() {
        let file = |url: &str| DatabaseUrl::new(url).sqlite_file();

        assert_eq!(file("sqlite://data/x.db"), Some("data/x.db".into()));
        assert_eq!(file("sqlite:///var/x.db?mode=rwc"), Some("/var/x.db".into()));
        assert_eq!(file("sqlite::memory:"), None);
        assert_eq!(file("postgres://h/x"), None);
    }
}
