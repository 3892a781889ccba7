//! Section `cors`: which web pages may talk to the server.

use serde::{Deserialize, Serialize};

use super::InvalidValue;
use crate::domain::WebOrigin;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorsConfig {
    /// Origins of pages other than the server's own.
    pub allowed_origins: Vec<String>,
}

impl Default for CorsConfig {
    fn default() -> Self {
        Self {
            allowed_origins: ["http://localhost:3000", "http://127.0.0.1:3000"]
                .map(Into::into)
                .into(),
        }
    }
}

impl CorsConfig {
    /// The origins of `allowed_origins`.
    pub fn origins(&self) -> Result<Vec<WebOrigin>, InvalidValue> {
        let entries = self.allowed_origins.iter().map(|entry| entry.trim());
        // An empty environment variable is one empty entry.
        entries.filter(|entry| !entry.is_empty()).map(origin).collect()
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        self.origins().map(drop)
    }
}

fn origin(entry: &str) -> Result<WebOrigin, InvalidValue> {
    WebOrigin::parse(entry).ok_or_else(|| InvalidValue {
        key: "cors.allowed_origins",
        reason: format!(
            "must hold origins such as https://chat.example.com, without a path or a wildcard, not \
             \"{entry}\""
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_exact_origins() {
        for entry in ["*", "https://*.example.com", "https://example.com/", "example.com", "null"] {
            let config = CorsConfig { allowed_origins: vec![entry.to_owned()] };
            let invalid = config.validate().expect_err(entry);
            assert_eq!(invalid.key, "cors.allowed_origins");
            assert!(invalid.reason.contains(entry), "{}", invalid.reason);
        }
    }

    #[test]
    fn no_entry_means_no_other_page() {
        let empty = CorsConfig { allowed_origins: vec![String::new()] };

        assert_eq!(empty.origins(), Ok(vec![]));
    }
}
