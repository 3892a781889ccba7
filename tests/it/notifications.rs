//! Notifications (contract §4): made with their cause, listed, read, removed.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    helpers::{Answer, Person, TestApp, TestDatabase},
    on_both_databases,
};

const LIST: &str = "/api/notifications/";

impl Person {
    async fn notifications(&self, query: &str) -> Vec<Value> {
        self.get(&format!("{LIST}{query}")).await.ok().as_array().unwrap().clone()
    }

    async fn unread_notifications(&self) -> i64 {
        let answer = self.get("/api/notifications/unread_count/").await.ok();
        answer["unread_count"].as_i64().unwrap()
    }
}

fn missing() -> Value {
    json!({"detail": "No Notification matches the given query."})
}

fn verbs(list: &[Value]) -> Vec<&str> {
    list.iter().map(|notification| notification["verb"].as_str().unwrap()).collect()
}

/// Two people, the second with one unread notification of each kind that messages and follows make.
async fn told(app: &TestApp) -> (Person, Person) {
    let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
    let conversation = nadia.conversation_with(&omar).await;
    nadia.write(&conversation, "lunch?").await;
    let path = format!("/api/follow/toggle/{}/", omar.id);
    nadia.request(Method::PUT, &path, None).await.ok();
    (nadia, omar)
}

on_both_databases! {
    async fn a_message_notifies_its_recipient(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;

        let message = nadia.write(&conversation, "lunch?").await;

        let list = omar.notifications("").await;
        let [one] = &*list else { panic!("{list:?}") };
        let user = |person: &Person| json!({
            "id": person.id, "username": person.username, "first_name": "", "last_name": "",
            "full_name": person.username, "profile_picture": null,
        });
        let title = "nadia sent you a message";
        assert_eq!(*one, json!({
            "id": one["id"], "user": user(&omar), "actor": user(&nadia),
            "sender": {"username": "nadia", "name": "nadia", "avatar": null},
            "verb": "message", "type": "message", "title": title, "message": title,
            "payload": {
                "preview": "lunch?", "message_length": 6, "message_id": message["id"],
                "conversation_id": conversation,
            },
            "target_name": null, "action_url": "/messages", "is_read": false,
            "created_at": one["created_at"], "timestamp": one["created_at"],
            "updated_at": one["created_at"],
        }));
        assert!(one["id"].is_i64());
        assert_eq!(nadia.notifications("").await, [] as [Value; 0]);
    }

    /// The replaced service noted no reply at all.
    async fn an_answer_to_my_message_is_a_reply(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let question = nadia.write(&conversation, "lunch?").await;
        let path = format!("/api/messaging/conversations/{conversation}/messages/");

        let answer = json!({"content": "yes", "reply_to_id": question["id"]});
        omar.post(&path, answer).await.ok();
        let own = json!({"content": "at noon?", "reply_to_id": question["id"]});
        nadia.post(&path, own).await.ok();

        let list = nadia.notifications("").await;
        assert_eq!(verbs(&list), ["reply"]);
        assert_eq!(list[0]["title"], "omar replied to your message");
        assert_eq!(list[0]["payload"]["preview"], "yes");
        assert_eq!(verbs(&omar.notifications("").await), ["message", "message"]);
    }

    async fn a_message_over_a_socket_notifies_once(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut socket = nadia.connect_v2().await;
        let frame = json!({
            "type": "message", "recipient_id": omar.id, "text": "hi", "client_id": "c-1",
        });

        for _ in 0..2 {
            socket.send(frame.clone()).await;
            socket.receive_type("message_sent").await;
        }

        assert_eq!(verbs(&omar.notifications("").await), ["message"]);
    }

    async fn a_batch_notifies_everybody_in_it(app) {
        let omar = app.person("omar").await;
        let mut sockets = vec![];
        for name in ["a1", "a2", "a3"] {
            sockets.push(app.person(name).await.connect_v2().await);
        }

        for socket in &mut sockets {
            for text in ["one", "two", "three"] {
                socket.send_message(omar.id, text).await;
            }
        }
        for socket in &mut sockets {
            for _ in 0..3 {
                socket.receive_type("message_sent").await;
            }
        }

        assert_eq!(omar.notifications("").await.len(), 9);
        assert_eq!(omar.unread_notifications().await, 9);
    }

    async fn a_deleted_message_is_no_longer_quoted(app) {
        let (_nadia, omar) = told(app).await;
        app.database
            .execute("UPDATE messages SET deleted_at = created_at")
            .await;

        let list = omar.notifications("?verb=message").await;

        assert_eq!(list[0]["payload"]["preview"], "");
        assert!(!list[0].to_string().contains("lunch"));
    }

    async fn a_long_message_is_shown_by_its_beginning(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        nadia.write(&conversation, &"é".repeat(150)).await;

        let list = omar.notifications("").await;

        assert_eq!(list[0]["payload"]["preview"], "é".repeat(100) + "...");
        assert_eq!(list[0]["payload"]["message_length"], 150);
    }

    async fn a_follow_notifies_once_however_often_it_is_repeated(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let path = format!("/api/follow/toggle/{}/", omar.id);

        for method in [Method::PUT, Method::PUT, Method::DELETE, Method::PUT] {
            nadia.request(method, &path, None).await.ok();
        }

        let list = omar.notifications("").await;
        assert_eq!(verbs(&list), ["follow"]);
        assert_eq!(list[0]["title"], "nadia started following you");
        assert_eq!(
            list[0]["payload"],
            json!({"follower_username": "nadia", "follower_name": "nadia"})
        );
        assert_eq!(list[0]["action_url"], "/profile/nadia");
    }

    async fn a_reaction_notifies_the_author_when_it_is_added(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let message = nadia.write(&conversation, "lunch?").await;
        let path = format!("/api/messaging/messages/{}/reactions/", message["id"].as_str().unwrap());

        for reaction in ["👍", "👍", "❤️"] {
            omar.post(&path, json!({"reaction": reaction})).await.ok();
        }
        nadia.post(&path, json!({"reaction": "👍"})).await.ok();

        let list = nadia.notifications("").await;
        assert_eq!(verbs(&list), ["reaction"]);
        assert_eq!(list[0]["title"], "omar reacted to your message");
        // Unread, it speaks of the newest one.
        assert_eq!(list[0]["payload"], json!({
            "reaction_type": "❤️", "reactor_username": "omar", "message_id": message["id"],
        }));
        assert_eq!(verbs(&omar.notifications("").await), ["message"]);
    }

    async fn a_follow_is_heard_on_the_messaging_socket_once(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut socket = omar.connect_messaging().await;
        let path = format!("/api/follow/toggle/{}/", omar.id);

        for method in [Method::PUT, Method::DELETE, Method::PUT] {
            nadia.request(method, &path, None).await.ok();
        }

        let event = socket.receive_type("follow_notification").await;
        assert_eq!(event, json!({
            "type": "follow_notification", "follow_id": event["follow_id"],
            "follower": {
                "id": nadia.id, "username": "nadia", "full_name": "nadia", "profile_picture": null,
            },
            "message": "nadia started following you", "timestamp": event["timestamp"],
        }));
        let rest = socket.drained_types().await;
        assert!(!rest.contains(&"follow_notification".to_owned()), "{rest:?}");
    }

    async fn the_list_is_newest_first_and_can_be_filtered(app) {
        let (_nadia, omar) = told(app).await;

        let all = omar.notifications("").await;
        assert_eq!(verbs(&all), ["follow", "message"]);
        assert_eq!(verbs(&omar.notifications("?verb=message").await), ["message"]);
        assert_eq!(verbs(&omar.notifications("?verb=nothing").await), [""; 0]);
        let path = format!("{LIST}{}/mark_read/", all[0]["id"]);
        omar.post(&path, json!({})).await.ok();
        assert_eq!(verbs(&omar.notifications("?is_read=true").await), ["follow"]);
        assert_eq!(verbs(&omar.notifications("?is_read=false").await), ["message"]);
        assert_eq!(verbs(&omar.notifications("?is_read=maybe").await), ["follow", "message"]);
        let unread_follows = omar.notifications("?is_read=false&verb=follow").await;
        assert_eq!(verbs(&unread_follows), [""; 0]);
    }

    async fn the_list_ends_after_two_hundred(app) {
        let omar = app.person("omar").await;
        let row = format!("({}, 'note', 'x', '2026-01-01 00:00:00Z', '2026-01-01 00:00:00Z')", omar.id);
        let sql = format!(
            "INSERT INTO notifications (user_id, verb, text, created_at, updated_at) VALUES {}",
            vec![row; 205].join(",")
        );
        app.database.execute(&sql).await;

        assert_eq!(omar.notifications("").await.len(), 200);
        assert_eq!(omar.unread_notifications().await, 205);
    }

    async fn one_notification_is_read_by_its_owner(app) {
        let (nadia, omar) = told(app).await;
        let one = omar.notifications("").await.remove(0);
        let path = format!("{LIST}{}/", one["id"]);

        omar.get(&path).await.is(200, &one);

        for method in [Method::POST, Method::PATCH] {
            let read = omar.request(method, &format!("{path}mark_read/"), None).await;
            read.is(200, &json!({
                "status": "notification marked as read", "notification_id": one["id"],
            }));
        }
        assert_eq!(omar.get(&path).await.ok()["is_read"], true);
        assert_eq!(omar.unread_notifications().await, 1);
        nadia.get(&path).await.is(404, &missing());
        nadia.post(&format!("{path}mark_read/"), json!({})).await.is(404, &missing());
    }

    async fn all_notifications_are_read_at_once(app) {
        let (nadia, omar) = told(app).await;
        let path = "/api/notifications/mark_all_read/";

        let first = omar.request(Method::PATCH, path, None).await;
        let again = omar.post(path, json!({})).await;

        let status = "all notifications marked as read";
        first.is(200, &json!({"status": status, "updated_count": 2}));
        again.is(200, &json!({"status": status, "updated_count": 0}));
        assert_eq!(omar.unread_notifications().await, 0);
        assert_eq!(nadia.unread_notifications().await, 0);
    }

    async fn the_unread_count_says_when_it_was_taken(app) {
        let (_nadia, omar) = told(app).await;

        let count = omar.get("/api/notifications/unread_count/").await;

        let timestamp = count.body["timestamp"].clone();
        assert!(timestamp.as_str().unwrap().ends_with('Z'));
        count.is(200, &json!({"unread_count": 2, "status": "success", "timestamp": timestamp}));
    }

    async fn a_notification_is_removed_by_its_owner(app) {
        let (nadia, omar) = told(app).await;
        let one = omar.notifications("").await.remove(0);
        let path = format!("{LIST}{}/", one["id"]);

        nadia.request(Method::DELETE, &path, None).await.is(404, &missing());
        omar.request(Method::DELETE, &path, None).await.is(204, &json!(""));

        omar.request(Method::DELETE, &path, None).await.is(404, &missing());
        omar.get(&path).await.is(404, &missing());
        assert_eq!(omar.notifications("").await.len(), 1);
    }

    async fn foreign_and_missing_ids_are_answered_alike(app) {
        let (nadia, omar) = told(app).await;
        let foreign = omar.notifications("").await[0]["id"].clone();

        for id in [foreign.to_string(), "404404".to_owned()] {
            nadia.get(&format!("{LIST}{id}/")).await.is(404, &missing());
            let path = format!("{LIST}{id}/");
            nadia.request(Method::DELETE, &path, None).await.is(404, &missing());
            nadia.post(&format!("{LIST}{id}/mark_read/"), json!({})).await.is(404, &missing());
        }
        nadia.get("/api/notifications/abc/").await.is(404, &json!({"detail": "Not found."}));
        assert_eq!(omar.unread_notifications().await, 2);
    }

    async fn a_note_is_made_for_oneself_only(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);

        let note = json!({"message": "Call home", "verb": "reminder", "payload": {"n": 1}});
        let made = nadia.post(LIST, note).await;

        assert_eq!(made.status, 201);
        let made = made.ok();
        assert_eq!(nadia.notifications("").await, std::slice::from_ref(&made));
        assert_eq!((&made["verb"], &made["title"]), (&json!("reminder"), &json!("Call home")));
        assert_eq!((&made["payload"], &made["actor"]), (&json!({"n": 1}), &Value::Null));
        assert_eq!(made["is_read"], false);
        nadia.post(LIST, json!({"message": "x", "user": nadia.id})).await.ok();
        nadia
            .post(LIST, json!({"message": "x", "user": omar.id}))
            .await
            .is(403, &json!({"detail": "You do not have permission to perform this action."}));
        nadia.post(LIST, json!({})).await.is(400, &json!({"message": ["This field is required."]}));
        nadia
            .post(LIST, json!({"message": "x", "payload": []}))
            .await
            .is(400, &json!({"payload": ["Expected an object."]}));
        let long = json!({"message": "x".repeat(201)});
        let error = "Ensure this field has no more than 200 characters.";
        nadia.post(LIST, long).await.is(400, &json!({"message": [error]}));
        let large = json!({"message": "x", "payload": {"n": "x".repeat(5000)}});
        let error = "Ensure this field has no more than 4096 bytes.";
        nadia.post(LIST, large).await.is(400, &json!({"payload": [error]}));
        assert_eq!(omar.notifications("").await, [] as [Value; 0]);
    }

    /// A note may call itself what it likes: it never poses as something somebody else did.
    async fn a_note_never_poses_as_a_follow(app) {
        let nadia = app.person("nadia").await;

        for _ in 0..2 {
            nadia.post(LIST, json!({"message": "hello", "verb": "follow"})).await.ok();
        }

        let list = nadia.notifications("").await;
        assert_eq!(verbs(&list), ["follow", "follow"]);
        assert_eq!((&list[0]["title"], &list[0]["actor"]), (&json!("hello"), &Value::Null));
    }

    async fn nobody_in_particular_has_no_notifications(app) {
        let refusal = json!({"detail": "Authentication credentials were not provided."});

        for (method, path) in [
            (Method::GET, "/api/notifications/"),
            (Method::POST, "/api/notifications/"),
            (Method::GET, "/api/notifications/1/"),
            (Method::DELETE, "/api/notifications/1/"),
            (Method::POST, "/api/notifications/1/mark_read/"),
            (Method::PATCH, "/api/notifications/1/mark_read/"),
            (Method::POST, "/api/notifications/mark_all_read/"),
            (Method::GET, "/api/notifications/unread_count/"),
            (Method::GET, "/api/notifications/settings/"),
            (Method::PATCH, "/api/notifications/settings/"),
        ] {
            let answer = Answer::of(app.request(method, path)).await;
            assert_eq!((answer.status, &answer.body), (401, &refusal), "{path}");
        }
    }
}

#[tokio::test]
async fn messages_notify_nobody_when_that_is_configured() {
    let app = TestApp::spawn_with(TestDatabase::sqlite(), |config| {
        config.notifications.messages = false;
    })
    .await;
    let (_nadia, omar) = told(&app).await;

    assert_eq!(verbs(&omar.notifications("").await), ["follow"]);
    app.stop().await;
}
