//! Section `redis`: what lets several servers share one database.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{InvalidValue, at_least, at_most};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisConfig {
    /// Where it is; empty: this server is the only one of its database.
    pub url: RedisUrl,
    /// What all channels and keys begin with.
    pub channel_prefix: String,
    /// Longest wait for a connection or an answer.
    pub timeout_seconds: u64,
    /// How long the people of a server that has died still count as online, at first.
    pub lease_seconds: u64,
    /// How often the database is asked for what the bus may have lost.
    pub sweep_seconds: u64,
}

/// `redis://[USER][:PASSWORD]@HOST[:PORT][/DB]`; the password is never shown.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct RedisUrl(String);

/// What an address may begin with.
const SCHEMES: &[&str] = &[
    "redis://",
    "rediss://",
    "valkey://",
    "valkeys://",
    "redis+unix://",
    "valkey+unix://",
    "unix://",
];

/// Longest prefix of channels and keys.
const PREFIX_CHARS: usize = 64;

impl Default for RedisConfig {
    fn default() -> Self {
        Self {
            url: RedisUrl::default(),
            channel_prefix: "vikrahub:".into(),
            timeout_seconds: 2,
            lease_seconds: 30,
            sweep_seconds: 5,
        }
    }
}

impl RedisConfig {
    /// Whether other servers work on the same database.
    pub fn is_used(&self) -> bool {
        !self.url.0.is_empty()
    }

    pub(super) fn validate(&self, has_sqlite: bool) -> Result<(), InvalidValue> {
        let invalid = |key, reason: &str| Err(InvalidValue { key, reason: reason.into() });
        if self.is_used() {
            if !SCHEMES.iter().any(|scheme| self.url.0.starts_with(scheme)) {
                return invalid("redis.url", "must begin with redis:// or rediss://");
            }
            if has_sqlite {
                return invalid(
                    "redis.url",
                    "needs PostgreSQL: servers cannot share an SQLite file; \
                     set database.url (DATABASE_URL), or leave redis.url (REDIS_URL) empty",
                );
            }
        }
        let prefix = &self.channel_prefix;
        if prefix.is_empty()
            || prefix.len() > PREFIX_CHARS
            || !prefix.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return invalid(
                "redis.channel_prefix",
                "must be 1 to 64 visible ASCII characters, such as vikrahub:",
            );
        }
        at_least("redis.timeout_seconds", &self.timeout_seconds, &1)?;
        at_most("redis.timeout_seconds", &self.timeout_seconds, &30)?;
        at_least("redis.lease_seconds", &self.lease_seconds, &3)?;
        at_most("redis.lease_seconds", &self.lease_seconds, &300)?;
        at_least("redis.sweep_seconds", &self.sweep_seconds, &1)?;
        at_most("redis.sweep_seconds", &self.sweep_seconds, &60)
    }
}

impl RedisUrl {
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address with its password: for connecting only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn redacted(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else { return self.0.clone() };
        let rest = match rest.rsplit_once('@') {
            Some((credentials, host)) => match credentials.split_once(':') {
                Some((user, _)) => format!("{user}:[redacted]@{host}"),
                None => rest.to_owned(),
            },
            None => rest.to_owned(),
        };
        // Addresses of Unix sockets carry it in the query.
        match rest.split_once("pass=") {
            Some((before, after)) => {
                let after = after.split_once('&').map(|(_, more)| format!("&{more}"));
                format!("{scheme}://{before}pass=[redacted]{}", after.unwrap_or_default())
            }
            None => format!("{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Serialize for RedisUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_address_has_no_password() {
        for (url, shown) in [
            ("redis://:s3cr:et@cache:6379/1", "redis://:[redacted]@cache:6379/1"),
            ("rediss://chat:p@ss@cache", "rediss://chat:[redacted]@cache"),
            ("redis://cache", "redis://cache"),
            ("unix:///run/r.sock?pass=x&db=1", "unix:///run/r.sock?pass=[redacted]&db=1"),
            ("", ""),
        ] {
            assert_eq!(format!("{:?}", RedisUrl::new(url)), shown);
        }
    }

    #[test]
    fn a_server_with_an_sqlite_file_is_alone() {
        let used = RedisConfig { url: RedisUrl::new("redis://cache"), ..RedisConfig::default() };

        assert!(used.validate(false).is_ok());
        assert_eq!(used.validate(true).unwrap_err().key, "redis.url");
        assert!(RedisConfig::default().validate(true).is_ok());
    }

    #[test]
    fn other_addresses_and_prefixes_are_refused() {
        let http = RedisConfig { url: RedisUrl::new("http://cache"), ..RedisConfig::default() };
        assert_eq!(http.validate(false).unwrap_err().key, "redis.url");
        for prefix in ["", "a b", "é", &"x".repeat(65)] {
            let config = RedisConfig { channel_prefix: prefix.into(), ..RedisConfig::default() };
            assert_eq!(config.validate(false).unwrap_err().key, "redis.channel_prefix");
        }
    }
}
