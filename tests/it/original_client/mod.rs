//! What the web pages of the replaced service do, step by step, and what they make of the answers:
//! only what they read is looked at, in the way they read it.

mod messages_page;

use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use self::messages_page::Page;
use crate::{
    helpers::{Person, Program, Socket, TestApp, TestDatabase},
    on_both_databases, with_both_databases,
};

/// Waits until the badges of the header show what the counts over REST say.
async fn badges(messaging: &mut Socket, person: &Person) -> (i64, i64) {
    let notifications = person.get("/api/notifications/unread_count/").await.ok();
    let counts = (person.unread().await, notifications["unread_count"].as_i64().unwrap());
    loop {
        let update = messaging.receive_type("unread_count_update").await;
        let shown = [&update["message_count"], &update["notification_count"]];
        if shown.map(|count| count.as_i64().unwrap()) == [counts.0, counts.1] {
            return counts;
        }
    }
}

on_both_databases! {
    /// The chat window closes and reopens its socket whenever the page around it is drawn again, and
    /// loads the history each time.
    async fn a_window_that_keeps_reconnecting_misses_nothing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut omars = omar.connect().await;
        let mut window = nadia.connect().await;
        let said: Vec<_> = (0..12).map(|turn| format!("turn {turn}")).collect();

        let mut shown = vec![];
        for text in &said {
            let reconnecting = async {
                window.close().await;
                let mut next = nadia.connect().await;
                let history = nadia.history_with(&omar).await;
                let live = next.drain().await;
                (next, history, live)
            };
            let (_, (next, history, live)) = tokio::join!(omars.say(nadia.id, text), reconnecting);
            window = next;
            shown = history;
            let live = live.into_iter().filter(|event| event["type"] == "new_message");
            shown.extend(live.map(|event| event["message"].clone()));
        }
        // The last one may have come after all of it.
        let late = window.drain().await.into_iter().filter(|event| event["type"] == "new_message");
        shown.extend(late.map(|event| event["message"].clone()));

        for message in &shown {
            assert!(message["timestamp"].is_string(), "{message}");
            assert_eq!(message["content"], message["text"]);
            assert_eq!(message["sender"]["id"], omar.id);
        }
        let mut texts: Vec<_> = shown.iter().map(|one| one["text"].as_str().unwrap()).collect();
        texts.dedup();
        assert_eq!(texts, said);
    }

    async fn the_dashboard_can_show_everything_it_asks_for(app) {
        let nadia = app.person("nadia").await;
        let (omar, paula) = (app.person("omar").await, app.person("paula").await);
        let conversation = omar.conversation_with(&nadia).await;
        omar.write(&conversation, "hello").await;
        nadia.conversation_with(&paula).await;

        let profile = nadia.get("/api/profiles/my_profile/").await.ok();
        let rows = nadia.get("/api/messaging/conversations/").await.ok();

        assert_eq!(profile["user"]["id"], nadia.id);
        for name in ["bio", "skills", "website", "first_name", "last_name"] {
            assert!(profile[name].is_string(), "{name} in {profile}");
        }
        for name in ["avatar", "email"] {
            assert_eq!(profile.get(name), Some(&Value::Null), "{name}");
        }
        let shown = rows.as_array().unwrap().iter().map(|row| {
            let (partner, last) = (&row["partner"], &row["lastMessage"]);
            assert!(row["participant"]["id"].is_number(), "{row}");
            assert!(partner["first_name"].is_string() && partner["last_name"].is_string(), "{row}");
            assert!(last["timestamp"].is_string() && last["sender"].is_object(), "{row}");
            let username = partner["username"].as_str().unwrap();
            (username, last["content"].as_str().unwrap(), row["unreadCount"].as_i64().unwrap())
        });
        assert_eq!(shown.collect::<Vec<_>>(), [("paula", "", 0), ("omar", "hello", 1)]);
    }

    async fn the_badges_follow_everything_that_happens(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = omar.conversation_with(&nadia).await;
        let mut messaging = nadia.connect_messaging().await;

        omar.write(&conversation, "one").await;
        assert_eq!(badges(&mut messaging, &nadia).await, (1, 1));
        omar.connect().await.say(nadia.id, "two").await;
        assert_eq!(badges(&mut messaging, &nadia).await, (2, 2));
        omar.request(Method::PUT, &format!("/api/follow/toggle/{}/", nadia.id), None).await.ok();
        assert_eq!(badges(&mut messaging, &nadia).await, (2, 3));
        Page::open(&nadia, &omar).await;
        assert_eq!(badges(&mut messaging, &nadia).await, (0, 3));

        let list = nadia.get("/api/notifications/").await.ok();
        let path = |place: usize| format!("/api/notifications/{}/", list[place]["id"]);
        nadia.request(Method::PATCH, &format!("{}mark_read/", path(0)), None).await.ok();
        assert_eq!(badges(&mut messaging, &nadia).await, (0, 2));
        nadia.request(Method::DELETE, &path(1), None).await.ok();
        assert_eq!(badges(&mut messaging, &nadia).await, (0, 1));
        nadia.post("/api/notifications/mark_all_read/", json!({})).await.ok();
        assert_eq!(badges(&mut messaging, &nadia).await, (0, 0));
    }
}

with_both_databases! {
    /// Pages that find their connection closed in good order never come back.
    async fn pages_notice_a_restart_as_a_broken_connection(database) {
        let server = Program::unlimited(database).serve().await;
        let nadia = server.person("nadia").await;
        let broken = [nadia.connect().await, nadia.connect_notifications().await];
        let closed = [nadia.connect_messaging().await, nadia.connect_v2().await];

        server.terminate().await;

        for mut socket in broken {
            while let Some(message) = socket.try_next().await {
                assert!(matches!(message, Message::Text(_)), "{message:?}");
            }
        }
        for mut socket in closed {
            assert_eq!(socket.close_code().await, 1012);
        }
        assert_eq!(server.ended().await.0.code(), Some(0));
    }
}

#[tokio::test]
async fn a_page_that_floods_is_cut_off_as_if_the_connection_broke() {
    let database = TestDatabase::sqlite();
    let app = TestApp::spawn_with(database, |config| config.limits.frames_per_second = 10).await;
    let nadia = app.person("nadia").await;
    let mut socket = nadia.connect().await;

    for _ in 0..250 {
        if !socket.try_send(json!({"type": "ping"})).await {
            break;
        }
    }

    while let Some(message) = socket.try_next().await {
        assert!(matches!(message, Message::Text(_)), "{message:?}");
    }
    app.stop().await;
}
