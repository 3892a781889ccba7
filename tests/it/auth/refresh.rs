//! A refresh token buys an access token; asking too often without one is stopped (contract §0.9).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    helpers::token::{claims, claims_with, now, token},
    on_both_databases,
};

const PATH: &str = "/api/auth/token/refresh/";

/// What a token says, unverified.
fn payload(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn refusal(detail: &str) -> Value {
    json!({"detail": detail, "code": "token_not_valid"})
}

on_both_databases! {
    async fn a_refresh_token_buys_an_access_token_and_nothing_else(app) {
        let nadia = app.person("nadia").await;

        let answer = app.post(PATH, json!({"refresh": nadia.refresh})).await.ok();

        assert_eq!(answer.as_object().unwrap().len(), 1);
        let access = answer["access"].as_str().unwrap();
        let (old, new) = (payload(&nadia.refresh), payload(access));
        assert_eq!((&new["token_type"], &new["user_id"]), (&json!("access"), &json!(nadia.id)));
        assert_eq!(new["iat"], old["iat"]);
        assert_ne!(new["jti"], old["jti"]);
        let request = app.request(reqwest::Method::GET, "/api/users/me/").bearer_auth(access);
        assert_eq!(crate::helpers::Answer::of(request).await.ok()["id"], nadia.id);
        // It is not used up.
        app.post(PATH, json!({"refresh": nadia.refresh})).await.ok();
    }

    async fn a_missing_refresh_token_is_asked_for(app) {
        for (body, text) in [
            (json!({}), "This field is required."),
            (json!({"refresh": ""}), "This field may not be blank."),
            (json!({"refresh": null}), "This field may not be null."),
        ] {
            app.post(PATH, body).await.is(400, &json!({"refresh": [text]}));
        }
    }

    async fn a_useless_token_is_refused_at_first_politely_then_for_good(app) {
        let nadia = app.person("nadia").await;
        let unknown = token(&claims_with(404_404, "token_type", json!("refresh")));
        let mut expired = claims_with(nadia.id, "token_type", json!("refresh"));
        expired["exp"] = json!(now() - 1);
        let refused = [
            ("nonsense".to_owned(), "Token is invalid or expired"),
            (nadia.access.clone(), "Token has wrong type"),
            (token(&claims(nadia.id)), "Token has wrong type"),
            (token(&expired), "Token is invalid or expired"),
            (unknown, "Token is invalid or expired"),
        ];

        for (token, detail) in refused {
            let answer = app.post(PATH, json!({"refresh": token})).await;
            answer.is(401, &refusal(detail));
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
        }

        let stopped = app.post(PATH, json!({"refresh": "nonsense"})).await;
        assert_eq!(stopped.status, 429, "{stopped:?}");
        assert_eq!(stopped.body["code"], "rate_limited");
        let seconds: u64 = stopped.header("retry-after").parse().unwrap();
        assert_eq!(stopped.body["retry_after"], seconds);
        // Whoever has a good token is let through all the same.
        app.post(PATH, json!({"refresh": nadia.refresh})).await.ok();
    }

    async fn a_deactivated_user_gets_no_more_tokens(app) {
        let body = json!({"username": "omar", "password": "pw-omar"});
        app.post("/api/users/", body).await.ok();
        let refresh = app.log_in("omar", "pw-omar").await.ok()["refresh"].clone();
        app.database.execute("UPDATE users SET is_active = false").await;

        let answer = app.post(PATH, json!({"refresh": refresh})).await;

        answer.is(401, &refusal("Token is invalid or expired"));
    }
}
