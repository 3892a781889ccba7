//! What a user keeps here for himself: devices, settings, names and picture.

use serde_json::{Value, json};

use crate::{
    helpers::{Answer, Person},
    on_both_databases,
};

const SETTINGS: &str = "/api/notifications/settings/";

async fn patch(person: &Person, path: &str, body: Value) -> Answer {
    person.request(reqwest::Method::PATCH, path, Some(body)).await
}

async fn remove(person: &Person, path: &str) -> u16 {
    person.request(reqwest::Method::DELETE, path, None).await.status
}

async fn verbs(person: &Person) -> Vec<String> {
    let list = person.get("/api/notifications/").await.ok();
    let verbs = list.as_array().unwrap().iter();
    verbs.map(|notification| notification["verb"].as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn devices_are_registered_listed_and_removed_by_their_owner(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let phone = json!({"token": " fcm-1 ", "platform": "android", "name": "phone", "x": 1});

        let answer = nadia.post("/api/devices/", phone).await;
        assert_eq!(answer.status, 201);
        let (device, id) = (answer.body.clone(), answer.body["id"].as_i64().unwrap());
        assert_eq!((&device["token"], &device["name"]), (&json!("fcm-1"), &json!("phone")));

        // The same token is the same device.
        let again = json!({"token": "fcm-1", "platform": "android"});
        let again = nadia.post("/api/devices/", again).await;
        assert_eq!((again.status, &again.body["id"]), (201, &json!(id)));
        assert_eq!(again.body["name"], json!(null));
        assert_eq!(nadia.get("/api/devices/").await.ok(), json!([again.body]));
        assert_eq!(omar.get("/api/devices/").await.ok(), json!([]));

        let path = format!("/api/devices/{id}/");
        assert_eq!(remove(&omar, &path).await, 404);
        assert_eq!(remove(&nadia, &path).await, 204);
        assert_eq!(remove(&nadia, &path).await, 404);
        assert_eq!(remove(&nadia, "/api/devices/x/").await, 404);
        assert_eq!(nadia.get("/api/devices/").await.ok(), json!([]));
    }

    async fn a_device_belongs_to_whom_registered_it_last(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let tablet = json!({"token": "shared", "platform": "ios"});
        nadia.post("/api/devices/", tablet.clone()).await.ok();

        omar.post("/api/devices/", tablet).await.ok();

        assert_eq!(nadia.get("/api/devices/").await.ok(), json!([]));
        assert_eq!(omar.get("/api/devices/").await.ok().as_array().unwrap().len(), 1);
    }

    async fn devices_are_bounded(app) {
        let nadia = app.person("nadia").await;
        for number in 0..22 {
            let device = json!({"token": format!("t{number}"), "platform": "web"});
            nadia.post("/api/devices/", device).await.ok();
        }

        let kept = nadia.get("/api/devices/").await.ok();
        let tokens: Vec<_> = kept.as_array().unwrap().iter().map(|row| &row["token"]).collect();
        assert_eq!((tokens.len(), tokens[0], tokens[19]), (20, &json!("t21"), &json!("t2")));

        for (body, field) in [
            (json!({"platform": "web"}), "token"),
            (json!({"token": "  ", "platform": "web"}), "token"),
            (json!({"token": "x".repeat(513), "platform": "web"}), "token"),
            (json!({"token": "x"}), "platform"),
            (json!({"token": "x", "platform": "x".repeat(21)}), "platform"),
            (json!({"token": "x", "platform": ["web"]}), "platform"),
            (json!({"token": "x", "platform": "web", "name": "x".repeat(101)}), "name"),
            (json!({"token": "a\u{0}b", "platform": "web"}), "token"),
        ] {
            let answer = nadia.post("/api/devices/", body).await;
            assert_eq!(answer.status, 400);
            assert!(answer.body[field].is_array(), "{}", answer.body);
        }
    }

    async fn settings_are_kept_merged_and_bounded(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        assert_eq!(nadia.get(SETTINGS).await.ok(), json!({}));

        let first = patch(&nadia, SETTINGS, json!({"message": false, "sound": {"on": 1}})).await;
        first.is(200, &json!({"message": false, "sound": {"on": 1}}));
        let second = patch(&nadia, SETTINGS, json!({"sound": null, "theme": "dark"})).await;
        second.is(200, &json!({"message": false, "theme": "dark"}));

        assert_eq!(nadia.get(SETTINGS).await.ok(), second.body);
        assert_eq!(omar.get(SETTINGS).await.ok(), json!({}));
        let large = patch(&nadia, SETTINGS, json!({"x": "y".repeat(4096)})).await;
        let text = "Ensure these settings have no more than 4096 bytes.";
        large.is(400, &json!({"non_field_errors": [text]}));
        assert_eq!(patch(&nadia, SETTINGS, json!([1])).await.status, 400);
        assert_eq!(nadia.get(SETTINGS).await.ok(), second.body);
    }

    async fn nobody_is_told_what_he_does_not_want_to_hear(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let off = json!({"message": false, "reply": false, "reaction": false, "follow": false});
        patch(&nadia, SETTINGS, off).await.ok();
        let mut live = nadia.connect_notifications().await;
        live.expect("unread_count").await;

        let hers = nadia.write(&conversation, "hello").await["id"].clone();
        let reply = json!({"content": "hi", "reply_to_id": hers});
        let messages = format!("/api/messaging/conversations/{conversation}/messages/");
        omar.post(&messages, reply).await.ok();
        omar.write(&conversation, "and").await;
        let reactions = format!("/api/messaging/messages/{}/reactions/", hers.as_str().unwrap());
        omar.post(&reactions, json!({"reaction": "like"})).await.ok();
        let follow = format!("/api/follow/toggle/{}/", nadia.id);
        omar.request(reqwest::Method::PUT, &follow, None).await.ok();
        nadia.post("/api/notifications/", json!({"message": "milk"})).await.ok();

        // What she notes for herself is hers to hear.
        let event = live.receive_type("new_notification").await;
        assert_eq!(event["notification"]["verb"], "note");
        assert_eq!(verbs(&nadia).await, ["note"]);
        // Messages arrive all the same.
        assert_eq!(nadia.unread().await, 2);

        patch(&nadia, SETTINGS, json!({"message": true})).await.ok();
        omar.write(&conversation, "again").await;
        assert_eq!(verbs(&nadia).await, ["message", "note"]);
    }

    async fn names_and_picture_can_be_changed(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let url = "https://example.org/nadia.png";
        let change = json!({"first_name": " Nadia ", "last_name": "K", "avatar_url": url});

        let account = patch(&nadia, "/api/users/me/", change).await.ok();

        assert_eq!((&account["full_name"], &account["avatar"]), (&json!("Nadia K"), &json!(url)));
        assert_eq!(nadia.get("/api/users/me/").await.ok(), account);
        // Others see it, also in what an older connection of hers sends.
        nadias.say(omar.id, "it is me").await;
        let message = omars.receive_type("new_message").await["message"].clone();
        assert_eq!(message["sender"]["full_name"], "Nadia K");
        assert_eq!(message["sender"]["avatar"], url);
        let seen = omar.get(&format!("/api/messaging/conversations/{conversation}/")).await.ok();
        assert_eq!(seen["other_participant"]["avatar"], url);

        let only_name = patch(&nadia, "/api/users/me/", json!({"last_name": ""})).await.ok();
        assert_eq!((&only_name["full_name"], &only_name["avatar"]), (&json!("Nadia"), &json!(url)));
        let none = patch(&nadia, "/api/users/me/", json!({"avatar_url": null})).await.ok();
        assert_eq!(none["avatar"], json!(null));
        // What one is not to change stays.
        let sly = json!({"is_staff": true, "is_superuser": true, "username": "root", "id": 1});
        let after = patch(&nadia, "/api/users/me/", sly).await.ok();
        assert_eq!(after, none);

        for (field, value) in [
            ("avatar_url", json!("javascript:alert(1)")),
            ("avatar_url", json!(format!("https://example.org/{}", "x".repeat(500)))),
            ("avatar_url", json!(5)),
            ("first_name", json!("x".repeat(151))),
            ("last_name", json!("a\u{0}")),
        ] {
            let answer = patch(&nadia, "/api/users/me/", json!({field: value})).await;
            assert_eq!(answer.status, 400);
            assert!(answer.body[field].is_array(), "{}", answer.body);
        }
    }
}
