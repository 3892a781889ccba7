//! Section `server`: where it listens, how it notices dead connections, how it stops.

use serde::{Deserialize, Serialize};

use super::{InvalidValue, at_least};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    pub host: String,
    pub port: u16,
    /// Threads that serve connections; 0 = one per core.
    pub workers: usize,
    /// Seconds from SIGTERM to exit, at most.
    pub shutdown_seconds: u64,
    /// Seconds a connection may leave data unacknowledged before the kernel drops it.
    pub stall_seconds: u64,
    /// Seconds between two pings to a WebSocket.
    pub ping_seconds: u64,
    /// Seconds somebody whose last connection has closed still counts as online.
    pub presence_grace_seconds: u64,
    /// Seconds of silence after a ping before the connection counts as dead.
    pub pong_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 8000,
            workers: 0,
            shutdown_seconds: 25,
            stall_seconds: 30,
            ping_seconds: 25,
            pong_seconds: 10,
            presence_grace_seconds: 2,
        }
    }
}

impl ServerConfig {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        if self.host.trim().is_empty() {
            return Err(InvalidValue { key: "server.host", reason: "must not be empty".into() });
        }
        at_least("server.shutdown_seconds", &self.shutdown_seconds, &1)?;
        at_least("server.stall_seconds", &self.stall_seconds, &1)?;
        at_least("server.ping_seconds", &self.ping_seconds, &1)?;
        at_least("server.pong_seconds", &self.pong_seconds, &1)
    }
}
