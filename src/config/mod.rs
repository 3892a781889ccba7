//! Configuration: one file per section of `config/default.toml`, layered, checked at start.

mod auth;
mod cors;
mod database;
mod layers;
mod limits;
mod log;
mod notifications;
mod redis;
mod secret;
mod server;

use serde::{Deserialize, Serialize};

pub use self::redis::{RedisConfig, RedisUrl};
pub use auth::AuthConfig;
pub use cors::CorsConfig;
pub use database::{DatabaseConfig, DatabaseUrl};
pub use layers::{ConfigError, Sources};
pub use limits::LimitsConfig;
pub use log::{LogConfig, LogFormat};
pub use notifications::NotificationsConfig;
pub use secret::Secret;
pub use server::ServerConfig;

/// Every setting of the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub database: DatabaseConfig,
    pub redis: RedisConfig,
    pub auth: AuthConfig,
    pub cors: CorsConfig,
    pub limits: LimitsConfig,
    pub notifications: NotificationsConfig,
    pub log: LogConfig,
}

/// A value that is well-formed but cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidValue {
    pub key: &'static str,
    pub reason: String,
}

impl Config {
    /// Reads all layers; see [`Sources`] for their order.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        sources.load()
    }

    /// The first value that cannot be used.
    pub fn validate(&self) -> Result<(), InvalidValue> {
        self.server.validate()?;
        self.database.validate()?;
        self.redis.validate(self.database.url.is_sqlite())?;
        self.auth.validate()?;
        self.cors.validate()?;
        self.limits.validate()?;
        self.notifications.validate()?;
        self.log.validate()
    }

    /// All values as TOML, secrets redacted.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("settings are plain tables")
    }
}

fn at_least<T: PartialOrd + std::fmt::Display>(
    key: &'static str,
    value: &T,
    least: &T,
) -> Result<(), InvalidValue> {
    if value < least {
        return Err(InvalidValue { key, reason: format!("must be at least {least}, is {value}") });
    }
    Ok(())
}

fn at_most<T: PartialOrd + std::fmt::Display>(
    key: &'static str,
    value: &T,
    most: &T,
) -> Result<(), InvalidValue> {
    if value > most {
        return Err(InvalidValue { key, reason: format!("must be at most {most}, is {value}") });
    }
    Ok(())
}
