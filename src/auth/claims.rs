//! What tokens say: written in the order of the Django service, checked one by one.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::token::{TokenError, TokenType, Verified};
use crate::domain::{Timestamp, UserId, clock};

/// How far another server's clock may run ahead of ours, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 60;

/// What the claims are called, and what they have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRules {
    pub user: String,
    /// Empty: tokens of others carry none.
    pub token_type: String,
    /// Empty: tokens of others carry none.
    pub id: String,
    pub issuer: Option<String>,
    pub audience: Option<String>,
}

/// What tokens issued here call their type and id when those of others carry none.
const TYPE: &str = "token_type";
const ID: &str = "jti";

impl Default for ClaimRules {
    fn default() -> Self {
        Self {
            user: "user_id".to_owned(),
            token_type: TYPE.to_owned(),
            id: ID.to_owned(),
            issuer: None,
            audience: None,
        }
    }
}

/// Whether a token was signed with a secret both sides share, or with somebody's private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signed {
    ByUs,
    ByOthers,
}

impl ClaimRules {
    /// Everything about verified claims that is not the signature.
    pub(super) fn check(
        &self,
        claims: &Map<String, Value>,
        signed: Signed,
        expected: TokenType,
        now: Timestamp,
    ) -> Result<Verified, TokenError> {
        check_times(claims, now)?;
        if !self.is_from_here(claims) {
            return Err(TokenError::Invalid);
        }
        if let Some(id) = name(&self.id, ID, signed)
            && !claims.get(id).is_some_and(Value::is_string)
        {
            return Err(TokenError::NoId);
        }
        if let Some(token_type) = name(&self.token_type, TYPE, signed) {
            match claims.get(token_type) {
                None => return Err(TokenError::NoType),
                Some(found) if found == expected.claim() => {}
                Some(_) => return Err(TokenError::WrongType),
            }
        }
        let user = claims.get(&self.user).and_then(user_id).ok_or(TokenError::NoUser)?;
        Ok(Verified { user, issued_at: claims.get("iat").and_then(Value::as_i64) })
    }

    /// Issuer and audience, where they are asked for.
    fn is_from_here(&self, claims: &Map<String, Value>) -> bool {
        let issuer = self.issuer.as_ref().is_none_or(|issuer| {
            claims.get("iss").and_then(Value::as_str) == Some(issuer.as_str())
        });
        let audience = self.audience.as_ref().is_none_or(|audience| match claims.get("aud") {
            Some(Value::String(text)) => text == audience,
            Some(Value::Array(several)) => several.iter().any(|one| one == audience.as_str()),
            Some(_) | None => false,
        });
        issuer && audience
    }
}

fn name<'a>(given: &'a str, ours: &'a str, signed: Signed) -> Option<&'a str> {
    match (given, signed) {
        ("", Signed::ByOthers) => None,
        ("", Signed::ByUs) => Some(ours),
        (name, _) => Some(name),
    }
}

/// The claims of a token issued here.
#[derive(Debug)]
pub(super) struct Claims<'a> {
    pub rules: &'a ClaimRules,
    pub token_type: TokenType,
    pub expires_at: i64,
    pub issued_at: i64,
    pub user: UserId,
}

impl Serialize for Claims<'_> {
    /// In the order the Django service writes them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rules = self.rules;
        let mut map = serializer.serialize_map(None)?;
        let token_type = name(&rules.token_type, TYPE, Signed::ByUs).unwrap_or(TYPE);
        map.serialize_entry(token_type, self.token_type.claim())?;
        map.serialize_entry("exp", &self.expires_at)?;
        map.serialize_entry("iat", &self.issued_at)?;
        let id = name(&rules.id, ID, Signed::ByUs).unwrap_or(ID);
        map.serialize_entry(id, &Uuid::new_v4().simple().to_string())?;
        map.serialize_entry(&rules.user, &self.user.0)?;
        for (claim, value) in [("iss", &rules.issuer), ("aud", &rules.audience)] {
            if let Some(value) = value {
                map.serialize_entry(claim, value)?;
            }
        }
        map.end()
    }
}

fn check_times(claims: &Map<String, Value>, now: Timestamp) -> Result<(), TokenError> {
    let now = now.timestamp();
    let expiry = match claims.get("exp") {
        None => return Err(TokenError::NoExpiry),
        Some(value) => seconds(value).ok_or(TokenError::Invalid)?,
    };
    if expiry <= now {
        return Err(TokenError::Invalid);
    }
    // A clock that is put back must not turn away everybody who has just logged in.
    let beginning = now.max(clock::undisturbed().timestamp());
    for (claim, latest) in [("nbf", beginning), ("iat", beginning + CLOCK_SKEW_SECONDS)] {
        let begins = claims.get(claim).map(|value| seconds(value).ok_or(TokenError::Invalid));
        if begins.transpose()?.is_some_and(|begins| begins > latest) {
            return Err(TokenError::Invalid);
        }
    }
    Ok(())
}

/// A `NumericDate` (RFC 7519 section 2), which may have a fraction.
fn seconds(value: &Value) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float saturates, which still compares right"
    )]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

fn user_id(value: &Value) -> Option<UserId> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
    .map(UserId)
}
