//! Section `server`: where it listens, how it notices dead connections, how it stops.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{InvalidValue, at_least};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    pub host: String,
    pub port: u16,
    /// Networks of the reverse proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<String>,
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
    /// Serve `GET /metrics`.
    pub metrics: bool,
    /// Seconds of silence after a ping before the connection counts as dead.
    pub pong_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 8000,
            trusted_proxies: vec![],
            workers: 0,
            shutdown_seconds: 25,
            stall_seconds: 30,
            ping_seconds: 25,
            pong_seconds: 10,
            presence_grace_seconds: 2,
            metrics: true,
        }
    }
}

impl ServerConfig {
    /// The networks of `trusted_proxies`; a single address is a network too.
    pub fn trusted_networks(&self) -> Result<Vec<IpNet>, InvalidValue> {
        let entries = self.trusted_proxies.iter().map(|entry| entry.trim());
        // An empty environment variable is one empty entry.
        entries.filter(|entry| !entry.is_empty()).map(network).collect()
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        if self.host.trim().is_empty() {
            return Err(InvalidValue { key: "server.host", reason: "must not be empty".into() });
        }
        self.trusted_networks()?;
        at_least("server.shutdown_seconds", &self.shutdown_seconds, &1)?;
        at_least("server.stall_seconds", &self.stall_seconds, &1)?;
        at_least("server.ping_seconds", &self.ping_seconds, &1)?;
        at_least("server.pong_seconds", &self.pong_seconds, &1)
    }
}

fn network(entry: &str) -> Result<IpNet, InvalidValue> {
    let network =
        entry.parse().or_else(|_no_network| entry.parse().map(|address: IpAddr| address.into()));
    network.map_err(|_no_address| InvalidValue {
        key: "server.trusted_proxies",
        reason: format!("must hold networks such as 10.0.0.0/8 or addresses, not \"{entry}\""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_networks_or_addresses() {
        let given = ["10.0.0.0/8", " 192.0.2.1 ", "2001:db8::/32", "::1", ""].map(String::from);
        let config = ServerConfig { trusted_proxies: given.into(), ..ServerConfig::default() };

        let networks = config.trusted_networks().expect("valid");

        let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32", "::1/128"]);
    }

    #[test]
    fn other_proxies_are_refused() {
        for entry in ["localhost", "10.0.0.0/33", "10.0.0", "*", "10.0.0.1:80"] {
            let trusted_proxies = vec![entry.to_owned()];
            let config = ServerConfig { trusted_proxies, ..ServerConfig::default() };
            let invalid = config.validate().expect_err(entry);
            assert_eq!(invalid.key, "server.trusted_proxies");
            assert!(invalid.reason.contains(entry), "{}", invalid.reason);
        }
    }
}
