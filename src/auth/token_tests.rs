//! Tokens signed with shared secrets: what is accepted, and what is not.

use serde_json::json;

use jsonwebtoken::EncodingKey;

use super::*;
use crate::domain::clock;

const SECRET: &str = "a secret for these tests of 40 bytes....";

fn keys(secrets: &[&str]) -> TokenKeys {
    let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
    let lifetimes = Lifetimes { access: Duration::from_mins(5), refresh: Duration::from_hours(24) };
    TokenKeys::new(&secrets, vec![], ClaimRules::default(), lifetimes)
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
    keys(&[SECRET]).verify(&token, TokenType::Access, clock::now()).map(|verified| verified.user)
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
    let pair = keys(&[SECRET]).issue_pair(UserId(7), now).expect("a secret");

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
    assert!(refused(&token(&Header::default(), &claims, "another secret of more than 32 bytes")));

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
    let issued = keys(&[old]).issue_pair(UserId(7), clock::now()).expect("a secret");

    let rotated = keys(&[SECRET, old]).verify(&issued.access, TokenType::Access, clock::now());

    assert_eq!(rotated.map(|verified| verified.user), Ok(UserId(7)));
}

#[test]
fn a_refreshed_token_keeps_the_time_of_the_login() {
    let keys = keys(&[SECRET]);
    let login = clock::now() - chrono::Duration::hours(2);
    let pair = keys.issue_pair(UserId(7), login).expect("a secret");
    let verified = keys.verify(&pair.refresh, TokenType::Refresh, clock::now()).expect("valid");

    let access = keys.refresh(verified, clock::now()).expect("a secret");

    let access = keys.verify(&access, TokenType::Access, clock::now()).expect("valid");
    assert_eq!(access.issued_at, Some(login.timestamp()));
}
