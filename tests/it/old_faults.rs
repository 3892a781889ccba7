//! Faults of the replaced service (contract §7) that no other test would notice if they came back.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    helpers::{Socket, TestApp},
    on_both_databases, with_both_databases,
};

/// Words of an error that nobody outside should read.
const INTERNALS: &[&str] = &[
    "panicked",
    "sqlx",
    "sea_orm",
    "SQL",
    "constraint",
    "src/",
    ".rs",
    "Traceback",
    "Exception",
    "serde",
    "database error",
];

fn says_nothing_of_the_inside(answer: &Value) {
    let text = answer.to_string();
    for word in INTERNALS {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

on_both_databases! {
    async fn three_messages_over_a_socket_are_one_conversation_with_three_messages(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;
        for text in ["one", "two", "three"] {
            nadias.say(omar.id, text).await;
        }

        for person in [&nadia, &omar] {
            let list = person.get("/api/messaging/conversations/").await.ok();
            assert_eq!(list.as_array().unwrap().len(), 1);
        }
        assert_eq!(omar.history_with(&nadia).await.len(), 3);
    }

    async fn an_initial_message_has_a_recipient_and_is_counted_everywhere(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let body = json!({"participant_username": "omar", "initial_message": "hello"});
        let made = nadia.post("/api/messaging/conversations/create/", body).await.ok();
        assert_eq!(made["latest_message"]["recipient"]["id"], omar.id);

        let list = omar.get("/api/messaging/conversations/").await.ok();
        let with_nadia = format!("/api/messaging/messages/user/{}/unread/", nadia.id);
        let by_person = omar.get(&with_nadia).await.ok();

        assert_eq!(omar.unread().await, 1);
        assert_eq!((&list[0]["unread_count"], &list[0]["unreadCount"]), (&json!(1), &json!(1)));
        assert_eq!(by_person["unread_count"], 1);
    }

    async fn a_second_reaction_replaces_the_first_and_can_be_removed(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let message = nadia.write(&conversation, "hi").await["id"].clone();
        let path = format!("/api/messaging/messages/{}/", message.as_str().unwrap());
        for reaction in ["👍", "❤️"] {
            let body = json!({"reaction_type": reaction});
            omar.post(&format!("{path}reactions/"), body).await.ok();
        }

        let shown = nadia.get(&path).await.ok();
        assert_eq!(shown["reaction_counts"], json!({"❤️": 1}));
        let removed = omar.request(Method::DELETE, &format!("{path}reactions/remove/"), None).await;
        assert_eq!(removed.status, 200);
        assert_eq!(nadia.get(&path).await.ok()["reactions"], json!([]));
    }

    async fn typing_and_reactions_over_rest_close_no_socket(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let message = nadia.write(&conversation, "hi").await["id"].clone();
        let mut nadias = nadia.connect_messaging().await;
        nadias.send(json!({"type": "join_conversation", "conversation_id": conversation})).await;
        nadias.expect("conversation_joined").await;

        let typing = format!("/api/messaging/conversations/{conversation}/typing/");
        omar.post(&format!("{typing}start/"), json!({})).await.ok();
        omar.post(&format!("{typing}stop/"), json!({})).await.ok();
        let reactions =
            format!("/api/messaging/messages/{}/reactions/", message.as_str().unwrap());
        omar.post(&reactions, json!({"reaction": "like"})).await.ok();

        for name in ["user_typing", "user_typing", "reaction_update"] {
            nadias.receive_type(name).await;
        }
        nadias.drain().await;
    }

    async fn a_token_in_a_frame_must_be_an_access_token_of_an_active_user(app) {
        let (nadia, gone) = (app.person("nadia").await, app.person("gone").await);
        app.database.execute("UPDATE users SET is_active = false WHERE username = 'gone'").await;
        while gone.get("/api/users/me/").await.status != 401 {}
        let mut socket = Socket::open(app.ws_url("/ws/messaging/")).await.unwrap();
        socket.expect("connection_established").await;

        for token in [&nadia.refresh, &gone.access, &gone.refresh] {
            let frame = json!({"type": "authenticate", "token": token});
            assert_eq!(socket.refused(frame).await, "Invalid token");
        }
        let join = json!({"type": "join_conversation", "conversation_id": "x"});
        assert_eq!(socket.refused(join).await, "Authentication required to join conversations");
    }

    async fn errors_say_nothing_of_the_inside(app) {
        let nadia = app.person("nadia").await;
        let odd = json!({"content": {"a": [1, null]}, "message_ids": [[]], "user_id": [], "q": {}});
        for (path, methods) in vikrahub_messaging::http::routes() {
            for method in methods {
                let method: Method = method.as_str().parse().unwrap();
                for id in ["0", "x", "%00", "9999999999999999999999", "' OR 1=1 --"] {
                    let path = path.replace("{id}", id).replace("{name}", id);
                    let path = path.replace("{file}", id);
                    let body = (method != Method::GET).then(|| odd.clone());

                    let answer = nadia.request(method.clone(), &path, body).await;

                    assert!(answer.status < 500, "{method} {path}: {answer:?}");
                    if answer.status >= 400 {
                        says_nothing_of_the_inside(&answer.body);
                    }
                }
            }
        }
        let mut socket = nadia.connect_v2().await;
        for frame in [
            json!({"type": "message", "recipient_id": {"a": 1}, "text": "x"}),
            json!({"type": "message", "recipient_id": -1, "text": "x"}),
            json!({"type": "message", "recipient_id": i64::MAX, "text": "x"}),
            json!({"type": "message", "recipient_id": "' OR 1=1 --", "text": "x"}),
            json!({"type": "mark_read", "message_id": "' OR 1=1 --"}),
            json!({"type": "add_reaction", "message_id": [], "reaction": {}}),
        ] {
            socket.send(frame).await;
            says_nothing_of_the_inside(&socket.expect("error").await);
        }
    }

    async fn texts_are_bounded_through_every_door(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let message = nadia.write(&conversation, "hi").await["id"].clone();
        let long = "x".repeat(8001);
        let text = "Message content is too long (max 8000 characters).";

        let post = format!("/api/messaging/conversations/{conversation}/messages/");
        let edit = format!("/api/messaging/messages/{}/", message.as_str().unwrap());
        nadia.post(&post, json!({"content": long})).await.is(400, &json!({"content": [text]}));
        let patched = nadia.request(Method::PATCH, &edit, Some(json!({"content": long}))).await;
        patched.is(400, &json!({"content": [text]}));
        let first = json!({"target_user_id": omar.id, "initial_message": long});
        assert_eq!(nadia.post("/api/messaging/conversations/", first).await.status, 400);
        let frame = json!({"type": "message", "recipient_id": omar.id, "text": long});
        assert_eq!(nadia.connect_v2().await.refused(frame).await, text);
        let reaction = json!({"reaction": "x".repeat(11)});
        assert_eq!(nadia.post(&format!("{edit}reactions/"), reaction).await.status, 400);
        assert_eq!(omar.history_with(&nadia).await.len(), 1);
    }
}

with_both_databases! {
    async fn nobody_stays_connected_without_saying_who_he_is(database) {
        let copy = crate::helpers::TestDatabase::sqlite();
        let url = database.url.clone();
        let app = TestApp::spawn_with(copy, |config| {
            config.limits.authenticate_seconds = 1;
            config.database.url = vikrahub_messaging::config::DatabaseUrl::new(&url);
        })
        .await;
        let nadia = app.person("nadia").await;
        let mut nobody = Socket::open(app.ws_url("/ws/messaging/")).await.unwrap();
        let mut somebody = Socket::open(app.ws_url("/ws/messaging/")).await.unwrap();
        somebody.expect("connection_established").await;
        somebody.send(json!({"type": "authenticate", "token": nadia.access})).await;
        somebody.expect("authenticated").await;

        assert_eq!(nobody.close_code().await, 4010);
        assert_eq!(somebody.drain().await, Vec::<Value>::new());
        app.stop().await;
    }
}
