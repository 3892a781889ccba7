//! Tokens of the existing Django service are accepted here, and ours there; forged ones nowhere.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{
    helpers::{
        Answer, SECRET, Site, Socket,
        token::{claims, claims_with, now, signed, token},
    },
    on_both_databases,
};

/// The answer to `GET /api/users/me/` with this `Authorization` header.
async fn me(site: &Site, header: &str) -> Answer {
    Answer::of(site.request(Method::GET, "/api/users/me/").header("authorization", header)).await
}

fn refusal(message: &str) -> Value {
    json!({
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [
            {"token_class": "AccessToken", "token_type": "access", "message": message},
        ],
    })
}

on_both_databases! {
    async fn tokens_of_the_django_service_are_accepted(app) {
        let nadia = app.person("nadia").await;
        let mut reversed = Map::new();
        for (name, value) in claims(nadia.id).as_object().unwrap().iter().rev() {
            reversed.insert(name.clone(), value.clone());
        }
        for claims in [
            claims(nadia.id),
            Value::Object(reversed),
            claims_with(nadia.id, "user_id", json!(nadia.id.to_string())),
            claims_with(nadia.id, "iat", Value::Null),
            claims_with(nadia.id, "anything", json!({"else": true})),
            claims_with(nadia.id, "nbf", json!(now() - 1)),
        ] {
            let token = token(&claims);
            let user = me(app, &format!("Bearer {token}")).await.ok();
            assert_eq!(user["id"], nadia.id, "{claims}");
            let url = app.ws_url(&format!("/ws/chat/?token={token}"));
            Socket::open(url).await.unwrap().expect("connection_established").await;
        }
    }

    async fn our_tokens_are_what_the_django_service_expects(app) {
        let nadia = app.person("nadia").await;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp"]);
        validation.leeway = 0;

        for (token, token_type, lifetime) in
            [(&nadia.access, "access", 3600), (&nadia.refresh, "refresh", 86_400)]
        {
            let key = DecodingKey::from_secret(SECRET.as_bytes());
            let data = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap();
            let claims = data.claims;
            assert_eq!(claims["token_type"], token_type);
            assert_eq!(claims["user_id"], nadia.id);
            assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), lifetime);
            let jti = claims["jti"].as_str().unwrap();
            assert!(jti.len() == 32 && jti.chars().all(|c| c.is_ascii_hexdigit()), "{jti}");
            assert_eq!(claims.as_object().unwrap().len(), 5);
            let header = token.split('.').next().unwrap();
            let header = URL_SAFE_NO_PAD.decode(header).unwrap();
            let header: Value = serde_json::from_slice(&header).unwrap();
            assert_eq!(header, json!({"alg": "HS256", "typ": "JWT"}));
        }
    }

    async fn every_bad_claim_has_its_answer(app) {
        let nadia = app.person("nadia").await;
        let invalid = "Token is invalid or expired";
        for (name, value, message) in [
            ("exp", Value::Null, "Token has no 'exp' claim"),
            ("jti", Value::Null, "Token has no id"),
            ("token_type", Value::Null, "Token has no type"),
            ("token_type", json!("refresh"), "Token has wrong type"),
            ("exp", json!(now()), invalid),
            ("exp", json!("soon"), invalid),
            ("nbf", json!(now() + 60), invalid),
            ("iat", json!(now() + 3600), invalid),
        ] {
            let bad = token(&claims_with(nadia.id, name, value.clone()));
            let answer = me(app, &format!("Bearer {bad}")).await;
            assert_eq!((answer.status, &answer.body), (401, &refusal(message)), "{name}: {value}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
        }
        for value in [Value::Null, json!("nadia"), json!(1.5), json!([nadia.id]), json!({})] {
            let bad = token(&claims_with(nadia.id, "user_id", value));
            me(app, &format!("Bearer {bad}")).await.is(401, &json!({
                "detail": "Token contained no recognizable user identification",
                "code": "token_not_valid",
            }));
        }
    }

    async fn forged_tokens_are_refused(app) {
        let nadia = app.person("nadia").await;
        let claims = claims(nadia.id);
        let jku = Header { jku: Some(app.url("/keys")), ..Header::default() };
        let x5u = Header { x5u: Some(app.url("/keys")), ..Header::default() };
        let crit = Header { crit: Some(vec!["exp".to_owned()]), ..Header::default() };
        let good = token(&claims);
        let parts: Vec<_> = good.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
        let other = claims_with(nadia.id, "user_id", json!(1)).to_string() + " ";
        let other = URL_SAFE_NO_PAD.encode(other);
        for (name, forged) in [
            ("no algorithm", format!("{none}.{}.", parts[1])),
            ("no algorithm, old signature", format!("{none}.{}.{}", parts[1], parts[2])),
            ("no signature", format!("{}.{}.", parts[0], parts[1])),
            ("other payload", format!("{}.{other}.{}", parts[0], parts[2])),
            ("HS512", signed(&Header::new(Algorithm::HS512), &claims, SECRET)),
            ("HS384", signed(&Header::new(Algorithm::HS384), &claims, SECRET)),
            ("other secret", signed(&Header::default(), &claims, &"y2x1".repeat(12))),
            ("empty secret", signed(&Header::default(), &claims, "")),
            ("jku", signed(&jku, &claims, SECRET)),
            ("x5u", signed(&x5u, &claims, SECRET)),
            ("crit", signed(&crit, &claims, SECRET)),
            ("too long", token(&claims_with(nadia.id, "padding", json!("x".repeat(4096))))),
            ("not a token", "a.b.c".to_owned()),
        ] {
            let answer = me(app, &format!("Bearer {forged}")).await;
            let wanted = refusal("Token is invalid or expired");
            assert_eq!((answer.status, &answer.body), (401, &wanted), "{name}");
            let url = app.ws_url(&format!("/ws/chat/?token={forged}"));
            assert_eq!(Socket::refusal(url).await, 403, "{name}");
        }
        me(app, &format!("Bearer {good}")).await.ok();
    }

    async fn a_header_that_is_not_a_token_has_its_own_answers(app) {
        let nadia = app.person("nadia").await;
        let missing = json!({"detail": "Authentication credentials were not provided."});
        let malformed = json!({
            "detail": "Authorization header must contain two space-delimited values",
            "code": "bad_authorization_header",
        });

        app.get("/api/users/me/").await.is(401, &missing);
        app.get(&format!("/api/users/me/?token={}", nadia.access)).await.is(401, &missing);
        for (header, body) in [
            ("Token abc".to_owned(), &missing),
            (nadia.access.clone(), &missing),
            ("Bearer".to_owned(), &malformed),
            (format!("Bearer {} more", nadia.access), &malformed),
        ] {
            let answer = me(app, &header).await;
            assert_eq!((answer.status, &answer.body), (401, body), "{header}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
        }
    }

    async fn a_token_of_nobody_says_so(app) {
        let body = json!({"username": "omar", "password": "pw-omar"});
        let omar = app.post("/api/users/", body).await.ok()["id"].as_i64().unwrap();
        app.database.execute("UPDATE users SET is_active = false").await;

        let unknown = me(app, &format!("Bearer {}", token(&claims(404_404)))).await;
        let inactive = me(app, &format!("Bearer {}", token(&claims(omar)))).await;

        unknown.is(401, &json!({"detail": "User not found", "code": "user_not_found"}));
        inactive.is(401, &json!({"detail": "User is inactive", "code": "user_inactive"}));
    }
}
