//! Section `auth`: the secrets that sign tokens, and how long tokens live.

use serde::{Deserialize, Serialize};

use super::{InvalidValue, Secret, at_least};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// Shared HS256 secrets: the first signs, all verify. Empty = one is generated (SQLite only).
    pub secrets: Vec<Secret>,
    /// Files with public keys in PEM; the kind of key says the algorithm.
    pub public_key_files: Vec<String>,
    /// Files with JSON Web Key Sets.
    pub jwks_files: Vec<String>,
    /// Where a JSON Web Key Set is fetched; empty = nowhere.
    pub jwks_url: String,
    /// Seconds between two fetches.
    pub jwks_refresh_seconds: u64,
    /// What `iss` has to be; empty = anything.
    pub issuer: String,
    /// What `aud` has to be or hold; empty = anything.
    pub audience: String,
    /// The claim with the user's id.
    pub user_claim: String,
    /// The claim that tells access tokens from others; empty = tokens of public keys have none.
    pub type_claim: String,
    /// The claim with the token's id; empty = tokens of public keys have none.
    pub id_claim: String,
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
            public_key_files: vec![],
            jwks_files: vec![],
            jwks_url: String::new(),
            jwks_refresh_seconds: 3600,
            issuer: String::new(),
            audience: String::new(),
            user_claim: "user_id".to_owned(),
            type_claim: "token_type".to_owned(),
            id_claim: "jti".to_owned(),
            access_seconds: 3600,
            refresh_seconds: 86_400,
            refresh_failures_per_minute: 5,
        }
    }
}

impl AuthConfig {
    /// Whether tokens of others are accepted.
    pub fn has_public_keys(&self) -> bool {
        !(self.public_key_files.is_empty()
            && self.jwks_files.is_empty()
            && self.jwks_url.is_empty())
    }

    /// Claims whose names are taken, or taken twice, would be read as something they are not.
    fn validate_claims(&self) -> Result<(), InvalidValue> {
        let mut taken = vec!["exp", "iat", "nbf", "iss", "aud"];
        for (key, claim) in [
            ("auth.user_claim", &self.user_claim),
            ("auth.type_claim", &self.type_claim),
            ("auth.id_claim", &self.id_claim),
        ] {
            if claim.is_empty() && key == "auth.user_claim" {
                return Err(InvalidValue { key, reason: "must not be empty".into() });
            }
            if taken.contains(&claim.as_str()) {
                return Err(InvalidValue { key, reason: "is the name of another claim".into() });
            }
            if !claim.is_empty() {
                taken.push(claim);
            }
        }
        Ok(())
    }

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
        self.validate_claims()?;
        if !self.jwks_url.is_empty() && !is_safe_address(&self.jwks_url) {
            let reason = "must begin with https://; http:// is for this machine only".into();
            return Err(InvalidValue { key: "auth.jwks_url", reason });
        }
        at_least("auth.jwks_refresh_seconds", &self.jwks_refresh_seconds, &30)?;
        at_least("auth.access_seconds", &self.access_seconds, &1)?;
        at_least("auth.refresh_seconds", &self.refresh_seconds, &1)
    }
}

/// Keys that came over a wire anybody could cut into would be anybody's.
fn is_safe_address(url: &str) -> bool {
    let here = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let is_here = here.iter().filter_map(|base| url.strip_prefix(base)).any(|rest| {
        rest.is_empty() || rest.starts_with(':') && !rest.contains('@') || rest.starts_with('/')
    });
    url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) || is_here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fetched_over_tls_or_from_this_machine() {
        for url in ["https://id.example.org/jwks.json", "http://127.0.0.1:9/x", "http://localhost/"]
        {
            assert!(is_safe_address(url), "{url}");
        }
        for url in [
            "http://id.example.org/jwks.json",
            "http://localhost.example.org/",
            "http://127.0.0.1:x@example.org/",
            "https://",
            "file:///etc/keys",
            "id.example.org",
        ] {
            assert!(!is_safe_address(url), "{url}");
        }
    }

    #[test]
    fn claims_have_names_of_their_own() {
        let with = |user: &str, token_type: &str, id: &str| AuthConfig {
            user_claim: user.into(),
            type_claim: token_type.into(),
            id_claim: id.into(),
            ..AuthConfig::default()
        };
        assert_eq!(with("sub", "", "").validate(), Ok(()));
        for (bad, key) in [
            (with("", "", ""), "auth.user_claim"),
            (with("exp", "", ""), "auth.user_claim"),
            (with("sub", "sub", ""), "auth.type_claim"),
            (with("sub", "use", "use"), "auth.id_claim"),
        ] {
            assert_eq!(bad.validate().map_err(|invalid| invalid.key), Err(key));
        }
    }
}
