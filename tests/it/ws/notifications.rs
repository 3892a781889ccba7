//! `/ws/notifications/` and what the other sockets hear of notifications (contract §2.7, §3.3, §4).

use serde_json::{Value, json};

use crate::{
    helpers::{Person, Socket},
    on_both_databases,
};

async fn connect(person: &Person) -> (Socket, i64) {
    let mut socket = person.connect_notifications().await;
    let first = socket.expect("unread_count").await;
    assert!(first["timestamp"].is_string(), "{first}");
    let count = first["count"].as_i64().unwrap();
    (socket, count)
}

on_both_databases! {
    async fn a_token_is_needed(app) {
        let nadia = app.person("nadia").await;
        for query in [String::new(), format!("?token={}", nadia.refresh)] {
            let url = app.ws_url(&format!("/ws/notifications/{query}"));

            assert_eq!(Socket::refusal(url).await, 403);
        }
    }

    async fn a_message_is_notified_of_live_and_marked_as_read(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut socket, count) = connect(&omar).await;
        assert_eq!(count, 0);

        let sent = nadia.connect_v2().await.say(omar.id, "lunch?").await["message"].clone();

        let event = socket.expect("new_notification").await;
        let notification = &event["notification"];
        assert_eq!((&notification["verb"], &notification["type"]), (&json!("message"), &json!("message")));
        assert_eq!(notification["title"], "nadia sent you a message");
        assert_eq!(notification["payload"]["preview"], sent["content"]);
        assert_eq!((&notification["is_read"], &notification["actor"]["id"]), (&json!(false), &json!(nadia.id)));
        let counts = socket.expect("unread_count_update").await;
        assert_eq!((&counts["message_count"], &counts["notification_count"]), (&json!(1), &json!(1)));
        assert_eq!(connect(&omar).await.1, 1);

        socket.send(json!({"type": "mark_notification_read", "notification_id": notification["id"]})).await;
        assert_eq!(socket.expect("unread_count").await["count"], 0);
        let marked = socket.expect("notification_marked_read").await;
        assert_eq!(marked["notification_id"], notification["id"]);
        assert_eq!(socket.expect("unread_count_update").await["notification_count"], 0);
        assert_eq!(omar.get("/api/notifications/unread_count/").await.ok()["unread_count"], 0);
    }

    async fn what_is_read_foreign_or_missing_is_passed_over(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.connect_v2().await.say(omar.id, "lunch?").await;
        let list = omar.get("/api/notifications/").await.ok();
        let (mut nadias, _) = connect(&nadia).await;

        for id in [&list[0]["id"], &json!(404_404)] {
            nadias.send(json!({"type": "mark_notification_read", "notification_id": id})).await;
        }

        nadias.send(json!({"type": "ping"})).await;
        let pong = nadias.expect("pong").await;
        assert!(pong["timestamp"].is_string(), "{pong}");
        assert_eq!(omar.get("/api/notifications/unread_count/").await.ok()["unread_count"], 1);
    }

    async fn everything_is_marked_at_once(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        nadias.say(omar.id, "one").await;
        nadias.say(omar.id, "two").await;
        let (mut socket, count) = connect(&omar).await;
        assert_eq!(count, 2);

        socket.send(json!({"type": "mark_all_notifications_read"})).await;

        assert_eq!(socket.expect("unread_count").await["count"], 0);
        assert_eq!(socket.expect("all_notifications_marked_read").await["updated_count"], 2);
    }

    async fn replies_reactions_and_follows_are_notified_of(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let (mut socket, _) = connect(&nadia).await;
        let mut messaging = nadia.connect_messaging().await;
        let id = nadias.say(omar.id, "lunch?").await["message"]["id"].clone();

        omars.send(json!({"type": "message", "recipient_id": nadia.id, "text": "yes", "reply_to_id": id})).await;
        let reply = socket.receive_type("new_notification").await;
        omars.send(json!({"type": "add_reaction", "message_id": id, "reaction": "👍"})).await;
        let reaction = socket.receive_type("new_notification").await;
        omar.request(reqwest::Method::PUT, &format!("/api/follow/toggle/{}/", nadia.id), None).await.ok();
        let follow = socket.receive_type("new_notification").await;

        let title = |event: &Value| event["notification"]["title"].as_str().unwrap().to_owned();
        assert_eq!(title(&reply), "omar replied to your message");
        assert_eq!(title(&reaction), "omar reacted to your message");
        assert_eq!(reaction["notification"]["payload"]["reaction_type"], "👍");
        assert_eq!(title(&follow), "omar started following you");
        let live = messaging.receive_type("follow_notification").await;
        assert_eq!((&live["follower"]["id"], &live["message"]), (&json!(omar.id), &json!("omar started following you")));
        assert!(live["follow_id"].is_string(), "{live}");
    }

    async fn malformed_frames_are_refused(app) {
        let (mut socket, _) = connect(&app.person("nadia").await).await;
        for (frame, text) in [
            (json!([]), "An unexpected error occurred"),
            (json!({"type": "zzz"}), "Unknown message type: zzz"),
            (json!({"type": "mark_notification_read"}), "notification_id is required"),
        ] {
            assert_eq!(socket.refused(frame).await, text);
        }
    }
}
