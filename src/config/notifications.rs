//! Section `notifications`: what people are told of besides the messages themselves.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationsConfig {
    /// Whether every message also leaves a notification.
    pub messages: bool,
}

impl Default for NotificationsConfig {
    fn default() -> Self {
        Self { messages: true }
    }
}
