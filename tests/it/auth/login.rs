//! A password buys a pair of tokens.

use serde_json::{Value, json};

use crate::on_both_databases;

/// Made with Python 3.11 as Django does:
/// `hashlib.pbkdf2_hmac("sha256", b"correct horse", b"NaCl4Django", 1000)`.
const DJANGO_HASH: &str =
    "pbkdf2_sha256$1000$NaCl4Django$fQ5MnXqKqL8IEBhgngd6Qsjebo7mHzRwAe5uMrIwn9E=";

fn refusal() -> Value {
    json!({"detail": "No active account found with the given credentials"})
}

on_both_databases! {
    async fn a_login_answers_with_two_tokens(app) {
        let nadia = app.person("nadia").await;

        let answer = app.log_in("nadia", "pw-nadia").await.ok();

        let names: Vec<_> = answer.as_object().unwrap().keys().collect();
        assert_eq!(names, ["access", "refresh"]);
        let request = app.request(reqwest::Method::GET, "/api/users/me/");
        let request = request.bearer_auth(answer["access"].as_str().unwrap());
        assert_eq!(crate::helpers::Answer::of(request).await.ok()["id"], nadia.id);
    }

    async fn an_address_may_stand_in_for_the_name(app) {
        let body = json!({"username": "nadia", "password": "x", "email": "Nadia@X.org"});
        app.post("/api/users/", body).await.ok();

        for login in ["Nadia@X.org", "nadia@x.org", " NADIA@X.ORG "] {
            app.log_in(login, "x").await.ok();
        }
        app.log_in("nadia@x.org", "y").await.is(401, &refusal());
    }

    async fn people_with_the_same_address_are_told_apart_by_their_passwords(app) {
        for (username, password) in [("one", "first"), ("two", "second")] {
            let body = json!({"username": username, "password": password, "email": "both@x.org"});
            app.post("/api/users/", body).await.ok();
        }
        let who = async |password: &str| {
            let access = app.log_in("both@x.org", password).await.ok()["access"].clone();
            let me = app.request(reqwest::Method::GET, "/api/users/me/");
            let me = crate::helpers::Answer::of(me.bearer_auth(access.as_str().unwrap())).await;
            me.ok()["username"].clone()
        };

        assert_eq!((who("first").await, who("second").await), (json!("one"), json!("two")));
    }

    async fn a_wrong_login_does_not_say_what_was_wrong(app) {
        app.person("nadia").await;
        for (login, password) in [
            ("nadia", "wrong"),
            ("nadia", "PW-NADIA"),
            ("nadia", "pw-nadia "),
            ("Nadia", "pw-nadia"),
            ("nobody", "pw-nadia"),
            ("' OR 1=1 --", "x"),
        ] {
            let answer = app.log_in(login, password).await;
            answer.is(401, &refusal());
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
        }
    }

    async fn a_deactivated_user_cannot_log_in(app) {
        app.person("nadia").await;
        app.database.execute("UPDATE users SET is_active = false").await;

        app.log_in("nadia", "pw-nadia").await.is(401, &refusal());
    }

    async fn an_account_without_a_password_cannot_log_in(app) {
        app.person("nadia").await;
        for hash in ["NULL", "''", "'!unusable'", "'plain'"] {
            app.database.execute(&format!("UPDATE users SET password_hash = {hash}")).await;
            app.log_in("nadia", "pw-nadia").await.is(401, &refusal());
            app.log_in("nadia", "plain").await.is(401, &refusal());
        }
    }

    async fn missing_fields_of_a_login_are_named(app) {
        let required = json!(["This field is required."]);
        let blank = json!(["This field may not be blank."]);
        for (body, errors) in [
            (json!({}), json!({"username": required, "password": required})),
            (json!({"username": "nadia"}), json!({"password": required})),
            (json!({"username": "", "password": "x"}), json!({"username": blank})),
        ] {
            app.post("/api/auth/token/", body).await.is(400, &errors);
        }
    }

    async fn a_password_of_the_django_service_is_accepted_and_its_hash_renewed(app) {
        app.person("nadia").await;
        let set = format!("UPDATE users SET password_hash = '{DJANGO_HASH}'");
        app.database.execute(&set).await;
        let hash = "SELECT password_hash FROM users";

        app.log_in("nadia", "battery staple").await.is(401, &refusal());
        assert_eq!(app.database.text(hash).await, DJANGO_HASH);
        app.log_in("nadia", "correct horse").await.ok();

        let renewed = app.database.text(hash).await;
        assert!(renewed.starts_with("$argon2id$"), "{renewed}");
        app.log_in("nadia", "correct horse").await.ok();
        assert_eq!(app.database.text(hash).await, renewed);
        app.log_in("nadia", "battery staple").await.is(401, &refusal());
    }

    async fn a_login_may_come_as_a_form(app) {
        app.person("nadia").await;
        let request = app.request(reqwest::Method::POST, "/api/auth/token/");
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body("username=nadia&password=pw-nadia");

        crate::helpers::Answer::of(request).await.ok();
    }
}
