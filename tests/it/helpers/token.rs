//! Tokens as anybody can make them who has, or has not, the secret.

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::app::SECRET;

/// The claims of a good access token.
pub fn claims(user: i64) -> Value {
    let now = now();
    json!({
        "token_type": "access",
        "exp": now + 300,
        "iat": now,
        "jti": "0123456789abcdef0123456789abcdef",
        "user_id": user,
    })
}

/// The same claims, one of them changed; null removes it.
pub fn claims_with(user: i64, name: &str, value: Value) -> Value {
    let mut claims = claims(user);
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

/// Signs with the secret of the test servers.
pub fn token(claims: &Value) -> String {
    signed(&Header::default(), claims, SECRET)
}

pub fn signed(header: &Header, claims: &Value, secret: &str) -> String {
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

pub fn now() -> i64 {
    chrono::Utc::now().timestamp()
}
