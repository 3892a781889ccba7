//! Section `notifications`: what people are told of besides the messages themselves.

use serde::{Deserialize, Serialize};

use super::{InvalidValue, at_most};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationsConfig {
    /// Whether every message also leaves a notification.
    pub messages: bool,
    /// Days a notification that was read is kept; 0 = for ever.
    pub keep_days: u32,
}

impl Default for NotificationsConfig {
    fn default() -> Self {
        Self { messages: true, keep_days: 90 }
    }
}

impl NotificationsConfig {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        // A hundred years.
        at_most("notifications.keep_days", &self.keep_days, &36_500)
    }
}
