//! What is decided about a request before anybody knows who asks: whether its page may ask at all,
//! which address it comes from, whether it comes too often, and whether there is room. Both doors ask here.

mod client_address;
mod memory;
mod open_sockets;
mod origins;
mod rate;
mod recent_keys;
mod refusals;
mod shared_rate;

pub use client_address::{ClientAddress, TrustedProxies};
pub use memory::{Memory, Pressure};
pub use open_sockets::{OpenSocket, OpenSockets, TooManySockets};
pub use origins::{Origins, Page};
pub use rate::{Rate, Throttled};
pub use refusals::Refusals;
pub use shared_rate::{Logins, Sends};

use std::sync::Arc;

use crate::{
    cluster::Bus,
    commands::ConnectionId,
    config::{Config, InvalidValue, LimitsConfig},
    domain::UserId,
    telemetry::open_files_max,
};

/// The rules of one server and what it has counted.
#[derive(Debug)]
pub struct Edge {
    pub proxies: TrustedProxies,
    pub origins: Origins,
    pub sockets: OpenSockets,
    pub memory: Memory,
    pub rates: Rates,
}

/// Everything that has a rate.
#[derive(Debug)]
pub struct Rates {
    /// Messages, over WebSocket and REST together.
    pub sends: Sends,
    /// Catching up, over WebSocket and REST together.
    pub syncs: Rate<UserId>,
    /// Notices that somebody types.
    pub typing: Rate<UserId>,
    /// Frames of any kind.
    pub frames: Rate<ConnectionId>,
    /// WebSocket handshakes.
    pub connects: Rate<ClientAddress>,
    /// Passwords tried.
    pub logins: Logins,
    /// Accounts asked for.
    pub registrations: Rate<ClientAddress>,
    /// Refresh tokens that bought nothing.
    pub refused_refreshes: Rate<ClientAddress>,
}

impl Edge {
    /// Fails for settings that `Config::validate` refuses.
    pub fn new(config: &Config, bus: &Arc<dyn Bus>) -> Result<Self, InvalidValue> {
        Ok(Self {
            proxies: TrustedProxies::new(config.server.trusted_networks()?),
            origins: Origins::new(config.cors.origins()?),
            sockets: OpenSockets::new(
                config.limits.sockets_per_address,
                sockets_max(config.limits.sockets, open_files_max()),
            ),
            memory: Memory::new(config.limits.memory_mib),
            rates: Rates::new(&config.limits, config.auth.refresh_failures_per_minute, bus),
        })
    }
}

impl Rates {
    fn new(limits: &LimitsConfig, refresh_failures_per_minute: u32, bus: &Arc<dyn Bus>) -> Self {
        Self {
            sends: Sends::new(limits.sends_per_second, limits.send_burst, bus),
            syncs: Rate::per_minute(limits.syncs_per_minute),
            typing: Rate::per_minute(limits.typing_per_minute),
            frames: Rate::per_second(limits.frames_per_second, limits.frames_per_second),
            connects: Rate::per_minute(limits.connects_per_minute),
            logins: Logins::new(limits.logins_per_minute, bus),
            registrations: Rate::per_minute(limits.registrations_per_minute),
            refused_refreshes: Rate::per_minute(refresh_failures_per_minute),
        }
    }
}

/// Every socket is an open file; a fifth of those is for everything else.
fn sockets_max(configured: usize, open_files_max: Option<u64>) -> usize {
    if configured > 0 {
        return configured;
    }
    let files = open_files_max.and_then(|files| usize::try_from(files).ok());
    files.map_or(usize::MAX, |files| files / 5 * 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_leave_a_fifth_of_the_files_unless_somebody_wants_another_number() {
        assert_eq!(sockets_max(0, Some(1000)), 800);
        assert_eq!(sockets_max(0, None), usize::MAX);
        assert_eq!(sockets_max(5000, Some(1000)), 5000);
    }
}
