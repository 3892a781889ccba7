//! Registration, and how people see themselves and each other.

use serde_json::{Value, json};

use crate::on_both_databases;

/// One wrong field.
fn one(field: &str, text: &str) -> Value {
    json!({field: [text]})
}

on_both_databases! {
    async fn a_new_account_shows_itself_to_its_owner(app) {
        let answer = app
            .post("/api/users/", json!({
                "username": "nadia.k+chat@x_y-z", "password": "x", "email": "n@x.org",
                "first_name": " Nadia ", "last_name": "K", "user_type": "creator",
            }))
            .await;

        assert_eq!(answer.status, 201);
        let user = answer.body;
        for (name, value) in [
            ("username", json!("nadia.k+chat@x_y-z")),
            ("email", json!("n@x.org")),
            ("first_name", json!("Nadia")),
            ("last_name", json!("K")),
            ("full_name", json!("Nadia K")),
            ("is_staff", json!(false)),
            ("is_superuser", json!(false)),
            ("is_active", json!(true)),
            ("followers_count", json!(0)),
            ("following_count", json!(0)),
            ("is_following", json!(false)),
            ("avatar", json!(null)),
            ("profile_picture", json!(null)),
        ] {
            assert_eq!(user.get(name), Some(&value), "{name} of {user}");
        }
        assert!(user["id"].is_i64(), "{user}");
        let joined = user["date_joined"].as_str().unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(joined).is_ok(), "{joined}");
        assert_eq!(user.get("password"), None);

        let access = app.log_in("nadia.k+chat@x_y-z", "x").await.ok()["access"].clone();
        let me = app.request(reqwest::Method::GET, "/api/users/me/");
        let me = crate::helpers::Answer::of(me.bearer_auth(access.as_str().unwrap())).await;
        me.is(200, &user);
    }

    async fn nobody_makes_himself_staff(app) {
        let body = json!({
            "username": "mallory", "password": "x", "is_staff": true, "is_superuser": true, "id": 7,
        });

        let user = app.post("/api/users/", body).await.ok();

        assert_eq!((&user["is_staff"], &user["is_superuser"]), (&json!(false), &json!(false)));
    }

    async fn every_wrong_field_of_a_registration_is_named(app) {
        app.person("taken").await;
        let required = "This field is required.";
        let (blank, no_text) = ("This field may not be blank.", "Not a valid string.");
        let no_name = "Enter a valid username. This value may contain only letters, numbers, and \
                       @/./+/-/_ characters.";
        let no_email = "Enter a valid email address.";
        let good = json!({"username": "nadia", "password": "x"});
        for (change, errors) in [
            (
                json!({"username": "taken"}),
                one("username", "A user with that username already exists."),
            ),
            (json!({"username": null}), one("username", "This field may not be null.")),
            (json!({"username": " "}), json!({"username": [blank]})),
            (json!({"username": ["x"]}), json!({"username": [no_text]})),
            (json!({"username": "two words"}), json!({"username": [no_name]})),
            (json!({"username": "a/b"}), json!({"username": [no_name]})),
            (
                json!({"username": "x".repeat(151)}),
                one("username", "Ensure this field has no more than 150 characters."),
            ),
            (json!({"username": "a\u{0}b"}), one("username", "Null characters are not allowed.")),
            (json!({"password": ""}), json!({"password": [blank]})),
            (json!({"password": {}}), json!({"password": [no_text]})),
            (json!({"email": "nadia"}), json!({"email": [no_email]})),
            (json!({"email": "nadia@x"}), json!({"email": [no_email]})),
            (
                json!({"email": 5, "username": ""}),
                json!({"email": [no_email], "username": [blank]}),
            ),
        ] {
            let mut body = good.clone();
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            app.post("/api/users/", body).await.is(400, &errors);
        }
        app.post("/api/users/", json!({})).await.is(400, &json!({
            "username": [required], "password": [required],
        }));
        assert_eq!(app.database.number("SELECT count(*) FROM users").await, 1);
    }

    async fn optional_fields_may_be_left_empty(app) {
        for body in [
            json!({"username": "one", "password": "x"}),
            json!({"username": "two", "password": "x", "email": null}),
            json!({"username": "three", "password": "x", "email": "", "first_name": ""}),
        ] {
            let user = app.post("/api/users/", body).await.ok();
            assert_eq!((&user["email"], &user["first_name"]), (&json!(""), &json!("")));
        }
    }

    async fn a_registration_may_come_as_a_form(app) {
        let request = app.request(reqwest::Method::POST, "/api/users/");
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body("username=nadia%2Bk&password=a+b%26c");

        let user = crate::helpers::Answer::of(request).await.ok();

        assert_eq!(user["username"], "nadia+k");
        app.log_in("nadia+k", "a b&c").await.ok();
    }

    async fn somebody_else_is_found_by_his_exact_name_and_without_his_address(app) {
        let viewer = app.person("viewer").await;
        let body = json!({
            "username": "nadia.k@x.org", "password": "x", "email": "n@x.org", "first_name": "Nadia",
        });
        let nadia = app.post("/api/users/", body).await.ok();

        for path in ["/api/users/username/nadia.k@x.org/", "/api/users/username/nadia.k%40x.org"] {
            let found = viewer.get(path).await.ok();
            assert_eq!(found["id"], nadia["id"]);
            assert_eq!(found["first_name"], "Nadia");
            assert_eq!(found["email"], json!(null), "{found}");
        }
        for name in ["Nadia.K@x.org", "nadia", "nobody", "%00"] {
            let answer = viewer.get(&format!("/api/users/username/{name}/")).await;
            answer.is(404, &json!({"error": "User not found"}));
        }
        let own = viewer.get("/api/users/username/viewer/").await.ok();
        assert_eq!(own, viewer.get("/api/users/me/").await.ok());
    }

    async fn addresses_of_others_are_shown_nowhere(app) {
        let body = json!({"username": "nadia", "password": "pw-nadia", "email": "secret@x.org"});
        let nadia_id = app.post("/api/users/", body).await.ok()["id"].clone();
        let omar = app.person("omar").await;
        let (mut socket, path) = (omar.connect().await, "/api/messaging/conversations/");
        let conversation = omar.post(path, json!({"target_user_id": nadia_id})).await.ok();
        let sent = socket.say(nadia_id.as_i64().unwrap(), "hello").await;
        let id = conversation["id"].as_str().unwrap().to_owned();

        for shown in [
            conversation,
            sent,
            omar.get(path).await.ok(),
            omar.get(&format!("{path}{id}/")).await.ok(),
            omar.get(&format!("{path}{id}/messages/")).await.ok(),
            omar.get("/api/users/username/nadia/").await.ok(),
        ] {
            assert!(!shown.to_string().contains("secret@x.org"), "{shown}");
        }
    }
}
