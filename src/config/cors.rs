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
    use crate::config::{Config, Sources};

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
    fn the_environment_lists_origins_and_is_named_when_one_is_none() {
        let load = |origins: &str| {
            let variables = [("CORS_ALLOWED_ORIGINS".to_owned(), origins.to_owned())];
            Config::load(&Sources { variables: variables.into(), ..Sources::default() })
        };

        let config = load("https://vikrahub.com, https://www.vikrahub.com").expect("valid");
        assert_eq!(config.cors.origins().expect("valid").len(), 2);

        let error = load("https://vikrahub.com,*").expect_err("a wildcard").to_string();
        let named = "environment variable CORS_ALLOWED_ORIGINS: `cors.allowed_origins` must hold";
        assert!(error.starts_with(named), "{error}");
    }

    #[test]
    fn no_entry_means_no_other_page() {
        let empty = CorsConfig { allowed_origins: vec![String::new()] };

        assert_eq!(empty.origins(), Ok(vec![]));
    }
}
