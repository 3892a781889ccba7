//! What people are told of.

use reqwest::Method;
use serde_json::{Value, json};

use super::{told, verbs};
use crate::{
    helpers::{Person, TestApp, TestDatabase},
    on_both_databases,
};

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
