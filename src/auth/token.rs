//! JSON Web Tokens: issued as the host platform's Django service issues them (contract §1.1), and
//! read from whoever has one of the keys.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::Notify;

use super::{
    claims::{ClaimRules, Claims, Signed},
    keys::Key,
};
use crate::{
    config::Secret,
    domain::{Timestamp, UserId},
};

/// Longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 4096;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    Access,
    Refresh,
}

/// Why a token is refused. The texts are the contract's (§1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("Token is invalid or expired")]
    Invalid,
    #[error("Token has no 'exp' claim")]
    NoExpiry,
    #[error("Token has no id")]
    NoId,
    #[error("Token has no type")]
    NoType,
    #[error("Token has wrong type")]
    WrongType,
    #[error("Token contained no recognizable user identification")]
    NoUser,
}

/// What a verified token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    pub user: UserId,
    pub(super) issued_at: Option<i64>,
}

/// A fresh pair of tokens.
#[derive(Clone, Debug, Serialize)]
pub struct TokenPair {
    pub refresh: String,
    pub access: String,
}

/// How long tokens issued here live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    pub access: Duration,
    pub refresh: Duration,
}

/// Signs with the first secret, verifies with every secret and every public key. Cheap to clone.
#[derive(Clone)]
pub struct TokenKeys(Arc<Inner>);

struct Inner {
    /// `None` on a server that only knows the keys of others.
    signing: Option<EncodingKey>,
    /// Known from the start.
    fixed: Vec<Key>,
    /// Of the set that is fetched.
    fetched: RwLock<Arc<[Key]>>,
    /// A token named a key nobody knows: the set may have changed.
    unknown_key: Notify,
    rules: ClaimRules,
    lifetimes: Lifetimes,
}

impl TokenType {
    pub(super) const fn claim(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

impl TokenKeys {
    pub fn new(
        secrets: &[Secret],
        public_keys: Vec<Key>,
        rules: ClaimRules,
        lifetimes: Lifetimes,
    ) -> Self {
        let bytes = |secret: &Secret| secret.expose().as_bytes().to_owned();
        let signing = secrets.first().map(|secret| EncodingKey::from_secret(&bytes(secret)));
        let mut fixed: Vec<_> = secrets.iter().map(|secret| Key::secret(&bytes(secret))).collect();
        fixed.extend(public_keys);
        Self(Arc::new(Inner {
            signing,
            fixed,
            fetched: RwLock::new(Arc::default()),
            unknown_key: Notify::new(),
            rules,
            lifetimes,
        }))
    }

    /// Tokens for somebody who has just proved who he is; `None` on a server that issues none.
    pub fn issue_pair(&self, user: UserId, now: Timestamp) -> Option<TokenPair> {
        let (issued_at, lifetimes) = (now.timestamp(), self.0.lifetimes);
        Some(TokenPair {
            refresh: self.sign(TokenType::Refresh, user, issued_at, now, lifetimes.refresh)?,
            access: self.sign(TokenType::Access, user, issued_at, now, lifetimes.access)?,
        })
    }

    /// An access token of any lifetime, for the command line.
    pub fn issue_access(
        &self,
        user: UserId,
        now: Timestamp,
        lifetime: Option<Duration>,
    ) -> Option<String> {
        let lifetime = lifetime.unwrap_or(self.0.lifetimes.access);
        self.sign(TokenType::Access, user, now.timestamp(), now, lifetime)
    }

    /// The access token a refresh token buys; it keeps the time of the login.
    pub fn refresh(&self, login: Verified, now: Timestamp) -> Option<String> {
        let issued_at = login.issued_at.unwrap_or_else(|| now.timestamp());
        self.sign(TokenType::Access, login.user, issued_at, now, self.0.lifetimes.access)
    }

    /// Checks signature and claims. Everything the library would let pass is checked here: header
    /// fields that point to other keys, type, times, length.
    pub fn verify(
        &self,
        token: &str,
        expected: TokenType,
        now: Timestamp,
    ) -> Result<Verified, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let header =
            jsonwebtoken::decode_header(token).map_err(|_malformed| TokenError::Invalid)?;
        if names_other_keys(&header) {
            return Err(TokenError::Invalid);
        }
        let (claims, signed) = self.claims(token, &header).ok_or(TokenError::Invalid)?;
        // Others' tokens buy none of ours.
        if signed == Signed::ByOthers && expected == TokenType::Refresh {
            return Err(TokenError::Invalid);
        }
        self.0.rules.check(&claims, signed, expected, now)
    }

    /// The claims of a token one of the keys has signed, and whether it is a key of ours.
    fn claims(&self, token: &str, header: &Header) -> Option<(Map<String, Value>, Signed)> {
        let (algorithm, id) = (header.alg, header.kid.as_deref());
        let fetched = self.0.fetched.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut fitting =
            self.0.fixed.iter().chain(&*fetched).filter(|key| key.fits(algorithm, id)).peekable();
        if fitting.peek().is_none() && algorithm != Algorithm::HS256 {
            self.0.unknown_key.notify_one();
        }
        fitting.find_map(|key| {
            let signed = if key.is_shared() { Signed::ByUs } else { Signed::ByOthers };
            Some((key.verify(token)?, signed))
        })
    }

    /// Replaces the keys of the set that is fetched.
    pub(super) fn replace_fetched(&self, keys: Vec<Key>) {
        *self.0.fetched.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
    }

    /// Resolves when a token has named a key nobody knows.
    pub(super) async fn unknown_key(&self) {
        self.0.unknown_key.notified().await;
    }

    fn sign(
        &self,
        token_type: TokenType,
        user: UserId,
        issued_at: i64,
        now: Timestamp,
        lifetime: Duration,
    ) -> Option<String> {
        let expires_at = now.timestamp().saturating_add_unsigned(lifetime.as_secs());
        let claims = Claims { rules: &self.0.rules, token_type, expires_at, issued_at, user };
        let token =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, self.0.signing.as_ref()?);
        Some(token.expect("HS256 signs any claims"))
    }
}

impl std::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKeys").field("fixed", &self.0.fixed.len()).finish_non_exhaustive()
    }
}

/// Header fields by which a token would choose its own key or change how it is read
/// (RFC 8725 section 3.10; RFC 7515 section 4.1.11).
fn names_other_keys(header: &Header) -> bool {
    header.jku.is_some()
        || header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some()
        || header.crit.is_some()
        || header.enc.is_some()
        || header.zip.is_some()
        || header.extras.inner().contains_key("b64")
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
