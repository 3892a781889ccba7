//! JSON Web Tokens as the host platform's Django service issues and reads them (contract §1.1):
//! HS256, integer `user_id`, `token_type`, `exp`, `iat`, `jti`.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    config::Secret,
    domain::{Timestamp, UserId},
};

/// Longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 4096;

/// How far another server's clock may run ahead of ours, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 60;

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
    issued_at: Option<i64>,
}

/// A fresh pair of tokens.
#[derive(Clone, Debug, Serialize)]
pub struct TokenPair {
    pub refresh: String,
    pub access: String,
}

/// Signs with the first secret, verifies with all.
#[derive(Clone)]
pub struct TokenKeys {
    signing: EncodingKey,
    verifying: Vec<DecodingKey>,
    access: Duration,
    refresh: Duration,
}

/// In the order the Django service writes them.
#[derive(Serialize)]
struct Claims {
    token_type: &'static str,
    exp: i64,
    iat: i64,
    jti: String,
    user_id: i64,
}

impl TokenType {
    const fn claim(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

impl TokenKeys {
    /// `None` without a secret.
    pub fn new(secrets: &[Secret], access: Duration, refresh: Duration) -> Option<Self> {
        let signing = EncodingKey::from_secret(secrets.first()?.expose().as_bytes());
        let verifying = secrets
            .iter()
            .map(|secret| DecodingKey::from_secret(secret.expose().as_bytes()))
            .collect();
        Some(Self { signing, verifying, access, refresh })
    }

    /// Tokens for somebody who has just proved who he is.
    pub fn issue_pair(&self, user: UserId, now: Timestamp) -> TokenPair {
        let issued_at = now.timestamp();
        TokenPair {
            refresh: self.sign(TokenType::Refresh, user, issued_at, now, self.refresh),
            access: self.sign(TokenType::Access, user, issued_at, now, self.access),
        }
    }

    /// An access token of any lifetime, for the command line.
    pub fn issue_access(&self, user: UserId, now: Timestamp, lifetime: Option<Duration>) -> String {
        let lifetime = lifetime.unwrap_or(self.access);
        self.sign(TokenType::Access, user, now.timestamp(), now, lifetime)
    }

    /// The access token a refresh token buys; it keeps the time of the login.
    pub fn refresh(&self, login: Verified, now: Timestamp) -> String {
        let issued_at = login.issued_at.unwrap_or_else(|| now.timestamp());
        self.sign(TokenType::Access, login.user, issued_at, now, self.access)
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
        if header.alg != Algorithm::HS256 || names_other_keys(&header) {
            return Err(TokenError::Invalid);
        }
        let claims = self.decode(token).ok_or(TokenError::Invalid)?;
        check_times(&claims, now)?;
        if !claims.get("jti").is_some_and(Value::is_string) {
            return Err(TokenError::NoId);
        }
        match claims.get("token_type") {
            None => return Err(TokenError::NoType),
            Some(found) if found == expected.claim() => {}
            Some(_) => return Err(TokenError::WrongType),
        }
        let user = claims.get("user_id").and_then(user_id).ok_or(TokenError::NoUser)?;
        Ok(Verified { user, issued_at: claims.get("iat").and_then(Value::as_i64) })
    }

    fn decode(&self, token: &str) -> Option<Map<String, Value>> {
        let mut signature_only = Validation::new(Algorithm::HS256);
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        signature_only.validate_aud = false;
        self.verifying
            .iter()
            .find_map(|key| jsonwebtoken::decode(token, key, &signature_only).ok())
            .map(|data| data.claims)
    }

    fn sign(
        &self,
        token_type: TokenType,
        user: UserId,
        issued_at: i64,
        now: Timestamp,
        lifetime: Duration,
    ) -> String {
        let claims = Claims {
            token_type: token_type.claim(),
            exp: now.timestamp().saturating_add_unsigned(lifetime.as_secs()),
            iat: issued_at,
            jti: Uuid::new_v4().simple().to_string(),
            user_id: user.0,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .expect("HS256 signs any claims")
    }
}

impl std::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKeys")
            .field("verifying", &self.verifying.len())
            .finish_non_exhaustive()
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

fn check_times(claims: &Map<String, Value>, now: Timestamp) -> Result<(), TokenError> {
    let now = now.timestamp();
    let expiry = match claims.get("exp") {
        None => return Err(TokenError::NoExpiry),
        Some(value) => seconds(value).ok_or(TokenError::Invalid)?,
    };
    if expiry <= now {
        return Err(TokenError::Invalid);
    }
    for (claim, latest) in [("nbf", now), ("iat", now + CLOCK_SKEW_SECONDS)] {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::clock;

    const SECRET: &str = "a secret for these tests of 40 bytes....";

    fn keys(secrets: &[&str]) -> TokenKeys {
        let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
        TokenKeys::new(&secrets, Duration::from_mins(5), Duration::from_hours(24)).expect("keys")
    }

    fn token(header: &Header, claims: &Value, secret: &str) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret.as_bytes()))
            .expect("a token")
    }

    fn good_claims() -> Value {
        let now = clock::now().timestamp();
        json!({"token_type": "access", "exp": now + 300, "iat": now, "jti": "ab", "user_id": 7})
    }

    fn verify(claims: &Value) -> Result<UserId, TokenError> {
        let token = token(&Header::default(), claims, SECRET);
        keys(&[SECRET])
            .verify(&token, TokenType::Access, clock::now())
            .map(|verified| verified.user)
    }

    fn changed(claim: &str, value: Value) -> Value {
        let mut claims = good_claims();
        claims[claim] = value;
        claims
    }

    fn without(claim: &str) -> Value {
        let mut claims = good_claims();
        claims.as_object_mut().expect("an object").remove(claim);
        claims
    }

    #[test]
    fn claims_stand_in_the_order_of_the_django_service() {
        use base64::Engine as _;
        let now = clock::now();
        let pair = keys(&[SECRET]).issue_pair(UserId(7), now);

        let payload = pair.access.split('.').nth(1).expect("a payload");
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload);
        let payload = String::from_utf8(payload.expect("base64")).expect("text");

        let at = now.timestamp();
        let head = format!(r#"{{"token_type":"access","exp":{},"iat":{at},"jti":""#, at + 300);
        assert!(payload.starts_with(&head), "{payload}");
        assert!(payload.ends_with(r#"","user_id":7}"#), "{payload}");
    }

    #[test]
    fn a_good_token_names_its_user() {
        assert_eq!(verify(&good_claims()), Ok(UserId(7)));
        assert_eq!(verify(&changed("user_id", json!("7"))), Ok(UserId(7)));
        assert_eq!(verify(&without("iat")), Ok(UserId(7)));
    }

    #[test]
    fn every_bad_claim_has_its_answer() {
        use TokenError::{Invalid, NoExpiry, NoId, NoType, NoUser, WrongType};
        let now = clock::now().timestamp();
        for (claims, error) in [
            (without("exp"), NoExpiry),
            (without("jti"), NoId),
            (without("token_type"), NoType),
            (without("user_id"), NoUser),
            (changed("token_type", json!("refresh")), WrongType),
            (changed("token_type", json!(1)), WrongType),
            (changed("exp", json!(now)), Invalid),
            (changed("exp", json!("soon")), Invalid),
            (changed("nbf", json!(now + 30)), Invalid),
            (changed("nbf", json!("x")), Invalid),
            (changed("iat", json!(now + 3600)), Invalid),
            (changed("user_id", json!(7.5)), NoUser),
            (changed("user_id", json!([7])), NoUser),
            (changed("user_id", json!("seven")), NoUser),
        ] {
            assert_eq!(verify(&claims), Err(error), "{claims}");
        }
    }

    #[test]
    fn forged_headers_are_refused() {
        let keys = keys(&[SECRET]);
        let refused = |token: &str| keys.verify(token, TokenType::Access, clock::now()).is_err();
        let claims = good_claims();

        let jku = Header { jku: Some("http://127.0.0.1/keys".into()), ..Header::default() };
        let crit = Header { crit: Some(vec!["b64".into()]), ..Header::default() };
        let mut b64 = Header::default();
        b64.extras.insert("b64", false);
        for header in [&jku, &crit, &b64, &Header::new(Algorithm::HS512)] {
            assert!(refused(&token(header, &claims, SECRET)), "{header:?}");
        }
        assert!(refused(&token(
            &Header::default(),
            &claims,
            "another secret of more than 32 bytes"
        )));

        let good = token(&Header::default(), &claims, SECRET);
        let (head, rest) = good.split_once('.').expect("three parts");
        let (payload, _) = rest.split_once('.').expect("three parts");
        // {"alg":"none","typ":"JWT"}
        assert!(refused(&format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.")));
        assert!(refused(&format!("{head}.{payload}.")));
        assert!(refused(""));
        assert!(refused("a.b.c"));
        assert!(refused(&"a".repeat(MAX_TOKEN_BYTES + 1)));
    }

    #[test]
    fn old_secrets_still_verify() {
        let old = "the secret of last year, 32 bytes or more";
        let issued = keys(&[old]).issue_pair(UserId(7), clock::now());

        let rotated = keys(&[SECRET, old]).verify(&issued.access, TokenType::Access, clock::now());

        assert_eq!(rotated.map(|verified| verified.user), Ok(UserId(7)));
    }

    #[test]
    fn a_refreshed_token_keeps_the_time_of_the_login() {
        let keys = keys(&[SECRET]);
        let login = clock::now() - chrono::Duration::hours(2);
        let pair = keys.issue_pair(UserId(7), login);
        let verified = keys.verify(&pair.refresh, TokenType::Refresh, clock::now()).expect("valid");

        let access = keys.refresh(verified, clock::now());

        let access = keys.verify(&access, TokenType::Access, clock::now()).expect("valid");
        assert_eq!(access.issued_at, Some(login.timestamp()));
    }
}
