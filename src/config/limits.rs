//! Section `limits`: everything that comes from outside or waits inside has a bound here.

use serde::{Deserialize, Serialize};

use super::{InvalidValue, at_least, at_most};
use crate::domain::SyncLimits;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Longest text of a message, in code points.
    pub message_chars: usize,
    /// Largest WebSocket message a client may send, in bytes.
    pub frame_bytes: usize,
    /// Largest body of an HTTP request, in bytes.
    pub body_bytes: usize,
    /// Bytes that may wait for one connection; beyond, it is closed as a slow consumer.
    pub outbound_bytes: usize,
    /// Seconds a connection may stay without an identity.
    pub authenticate_seconds: u64,
    /// Largest page of messages.
    pub page_max: u64,
    /// Changes one answer to a client that catches up covers.
    pub sync_page: u64,
    /// A client farther behind in a conversation than so many changes starts it afresh.
    pub sync_reset: u64,
    /// Times a user may catch up per minute; 0 = no limit.
    pub syncs_per_minute: u32,
    /// Messages a user may send at once; 0 turns the limit on sending off.
    pub send_burst: u32,
    /// Messages a user may go on sending per second; 0 turns the limit on sending off.
    pub sends_per_second: u32,
    /// Typing notices of a user per minute; 0 = no limit.
    pub typing_per_minute: u32,
    /// Frames of any kind on one connection per second; 0 = no limit.
    pub frames_per_second: u32,
    /// Open sockets of a user; 0 = no limit.
    pub sockets_per_user: usize,
    /// Open sockets of a client address; 0 = no limit.
    pub sockets_per_address: usize,
    /// Open sockets of this server; 0 = as many as the limit on open files allows, and a fifth to
    /// spare.
    pub sockets: usize,
    /// Memory the server may take, in MiB: it refuses new sockets above four fifths of it; 0 = no
    /// limit.
    pub memory_mib: u64,
    /// Handshakes of a client address per minute; 0 = no limit.
    pub connects_per_minute: u32,
    /// Logins of a client address per minute, successful or not; 0 = no limit.
    pub logins_per_minute: u32,
    /// Registrations of a client address per minute, successful or not; 0 = no limit.
    pub registrations_per_minute: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            message_chars: 8000,
            frame_bytes: 65_536,
            body_bytes: 131_072,
            outbound_bytes: 1_048_576,
            authenticate_seconds: 15,
            page_max: 100,
            sync_page: 300,
            sync_reset: 3000,
            syncs_per_minute: 240,
            send_burst: 60,
            sends_per_second: 20,
            typing_per_minute: 240,
            frames_per_second: 200,
            sockets_per_user: 100,
            sockets_per_address: 200,
            sockets: 0,
            memory_mib: 0,
            connects_per_minute: 600,
            logins_per_minute: 20,
            registrations_per_minute: 60,
        }
    }
}

impl LimitsConfig {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        at_least("limits.message_chars", &self.message_chars, &1)?;
        at_most("limits.message_chars", &self.message_chars, &100_000)?;
        at_least("limits.frame_bytes", &self.frame_bytes, &1024)?;
        at_least("limits.body_bytes", &self.body_bytes, &1024)?;
        at_least("limits.outbound_bytes", &self.outbound_bytes, &65_536)?;
        at_least("limits.authenticate_seconds", &self.authenticate_seconds, &1)?;
        at_least("limits.page_max", &self.page_max, &1)?;
        at_most("limits.page_max", &self.page_max, &1000)?;
        at_least("limits.sync_page", &self.sync_page, &1)?;
        at_most("limits.sync_page", &self.sync_page, &1000)?;
        at_least("limits.sync_reset", &self.sync_reset, &1)?;
        at_most("limits.sync_reset", &self.sync_reset, &1_000_000)
    }
}

impl From<&LimitsConfig> for SyncLimits {
    fn from(limits: &LimitsConfig) -> Self {
        let bounded = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self { page: bounded(limits.sync_page), reset_after: bounded(limits.sync_reset) }
    }
}
