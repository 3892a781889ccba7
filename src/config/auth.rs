//! Section `auth`: the secrets that sign tokens, and how long tokens live.

use serde::{Deserialize, Serialize};

use super::{InvalidValue, Secret, at_least};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// Shared HS256 secrets: the first signs, all verify. Empty = one is generated (SQLite only).
    pub secrets: Vec<Secret>,
    pub access_seconds: u64,
    pub refresh_seconds: u64,
    /// Refused refresh requests per minute and address before the answer is 429; 0 = no limit.
    pub refresh_failures_per_minute: u32,
}

/// Shortest secret, in bytes: the size of the HS256 hash (RFC 7518 section 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// Parts of secrets that somebody forgot to change.
const PLACEHOLDERS: &[&str] = &[
    "change-in-production",
    "change-me",
    "changeme",
    "change_me",
    "replace-me",
    "your-secret",
    "your_secret",
    "secret-key-here",
];

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            secrets: vec![],
            access_seconds: 3600,
            refresh_seconds: 86_400,
            refresh_failures_per_minute: 5,
        }
    }
}

impl AuthConfig {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        for secret in &self.secrets {
            let secret = secret.expose();
            if secret.len() < MIN_SECRET_BYTES {
                return Err(InvalidValue {
                    key: "auth.secrets",
                    reason: format!("a secret must have at least {MIN_SECRET_BYTES} bytes"),
                });
            }
            let lower = secret.to_lowercase();
            let repeats = secret.bytes().all(|byte| Some(byte) == secret.bytes().next());
            if repeats || PLACEHOLDERS.iter().any(|placeholder| lower.contains(placeholder)) {
                return Err(InvalidValue {
                    key: "auth.secrets",
                    reason: "a secret is a known placeholder: generate one".into(),
                });
            }
        }
        at_least("auth.access_seconds", &self.access_seconds, &1)?;
        at_least("auth.refresh_seconds", &self.refresh_seconds, &1)
    }
}
