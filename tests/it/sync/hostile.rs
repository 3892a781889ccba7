//! Clients that ask for too much, or for what is not theirs.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::small_pages;
use crate::{
    helpers::{TestApp, TestDatabase},
    on_both_databases,
};

fn many(count: u128) -> Map<String, Value> {
    (1..=count).map(|number| (Uuid::from_u128(number).to_string(), json!(1))).collect()
}

on_both_databases! {
    with crate::sync::small_pages;

    async fn bad_frames_are_refused_and_name_the_field(app) {
        let mut socket = app.person("nadia").await.connect_v2().await;
        let id = Uuid::from_u128(1).to_string();
        for (frame, code, field) in [
            (json!({}), "required", "cursors"),
            (json!({"cursors": 5}), "invalid", "cursors"),
            (json!({"cursors": [1]}), "invalid", "cursors"),
            (json!({"cursors": many(1001), "epoch": "e"}), "too_long", "cursors"),
            (json!({"cursors": {"x": 1}, "epoch": "e"}), "invalid", "cursors"),
            (json!({"cursors": {"1": 1}, "epoch": "e"}), "invalid", "cursors"),
            (json!({"cursors": {&id: -1}, "epoch": "e"}), "invalid", "cursors"),
            (json!({"cursors": {&id: 1e300}, "epoch": "e"}), "invalid", "cursors"),
            (json!({"cursors": {&id: {}}, "epoch": "e"}), "invalid", "cursors"),
            (json!({"cursors": {&id: 1}}), "required", "epoch"),
            (json!({"cursors": {}, "epoch": {"a": 1}}), "invalid", "epoch"),
            (json!({"cursors": {}, "epoch": "e".repeat(1000)}), "invalid", "epoch"),
        ] {
            let mut frame = frame;
            frame["type"] = json!("resume");

            socket.send(frame.clone()).await;

            let error = socket.expect("error").await;
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(field)), "{error}");
        }
        // As many as are allowed, all of them nobody's.
        socket.send(json!({"type": "resume", "cursors": many(1000), "epoch": "e"})).await;
        let resumed = socket.expect("resumed").await;
        assert_eq!(resumed["gone"].as_array().unwrap().len(), 1000);
        assert_eq!(resumed["complete"], true);
        // Ten thousand do not fit into a frame.
        socket.send(json!({"type": "resume", "cursors": many(10_000), "epoch": "e"})).await;
        assert_eq!(socket.close_code().await, 1009);
    }

    async fn bad_queries_are_refused_and_name_the_field(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        let sync = "/api/messaging/sync/";
        for (query, field) in [
            ("cursors=x&epoch=e".to_owned(), "cursors"),
            ("cursors=x:1&epoch=e".to_owned(), "cursors"),
            (format!("cursors={id}:-1&epoch=e"), "cursors"),
            (format!("cursors={id}:99999999999999999999&epoch=e"), "cursors"),
            (format!("cursors={}&epoch=e", format!("{id}:1,").repeat(1001)), "cursors"),
            (format!("cursors={id}:1"), "epoch"),
            (format!("epoch={}", "e".repeat(65)), "epoch"),
        ] {
            let answer = nadia.get(&format!("{sync}?{query}")).await;

            assert_eq!(answer.status, 400, "{query}");
            assert!(answer.body[field][0].is_string(), "{query}: {}", answer.body);
        }
        for (query, field) in [
            ("", "after_rev"),
            ("after_rev=", "after_rev"),
            ("after_rev=-1", "after_rev"),
            ("after_rev=1.5", "after_rev"),
            ("after_rev=99999999999999999999", "after_rev"),
            ("after_rev=0&limit=0", "limit"),
            ("after_rev=0&limit=-3", "limit"),
            ("after_rev=0&limit=x", "limit"),
            (&*format!("after_rev=0&epoch={}", "e".repeat(65)), "epoch"),
        ] {
            let path = format!("/api/messaging/conversations/{id}/changes/?{query}");
            let answer = nadia.get(&path).await;

            assert_eq!(answer.status, 400, "{query}");
            assert!(answer.body[field][0].is_string(), "{query}: {}", answer.body);
        }
        let largest = format!(
            "/api/messaging/conversations/{id}/changes/?after_rev={}&limit={0}", i64::MAX
        );
        assert_eq!(nadia.get(&largest).await.ok()["reset"], true);
        let nonsense = "/api/messaging/conversations/nonsense/changes/?after_rev=0";
        assert_eq!(nadia.get(nonsense).await.status, 404);
    }

    async fn foreign_conversations_are_like_missing_ones(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let zoe = app.person("zoe").await;
        let foreign = nadia.conversation_with(&omar).await;
        nadia.write(&foreign, "a secret").await;
        let missing = Uuid::from_u128(1).to_string();
        let mut socket = zoe.connect_v2().await;
        let epoch = zoe.get("/api/messaging/sync/").await.ok()["epoch"].clone();

        for rev in [0, 1, 1_000_000] {
            let mut told = vec![];
            for id in [&foreign, &missing] {
                let frame = json!({"type": "resume", "cursors": {id: rev}, "epoch": epoch});
                socket.send(frame).await;
                let over_socket = socket.expect("resumed").await;
                let query = format!("cursors={id}:{rev}&epoch={}", epoch.as_str().unwrap());
                let over_rest = zoe.get(&format!("/api/messaging/sync/?{query}")).await.ok();
                let one = format!("/api/messaging/conversations/{id}/changes/?after_rev={rev}");
                let one = zoe.get(&one).await;
                assert_eq!(one.status, 404);
                let all = format!("{over_socket} {over_rest} {}", one.body);
                assert!(!all.contains("secret"), "{all}");
                told.push(all.replace(id, "ID"));
            }
            assert_eq!(told[0], told[1]);
        }
    }
}

fn one_per_minute(config: &mut vikrahub_messaging::config::Config) {
    config.limits.syncs_per_minute = 2;
}

#[tokio::test]
async fn catching_up_has_a_rate_over_both_doors() {
    let app = TestApp::spawn_with(TestDatabase::sqlite(), one_per_minute).await;
    let nadia = app.person("nadia").await;
    let mut socket = nadia.connect_v2().await;
    let resume = json!({"type": "resume", "cursors": {}});

    socket.send(resume.clone()).await;
    socket.expect("resumed").await;
    nadia.get("/api/messaging/sync/").await.ok();
    socket.send(resume).await;

    let refused = socket.expect("error").await;
    assert_eq!(refused["code"], "rate_limited");
    assert!(refused["retry_after"].as_i64().unwrap() > 0);
    let refused = nadia.get("/api/messaging/sync/").await;
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty());
    app.stop().await;
}

/// The session goes on beside the answer: one resume at a time, anything else at once.
#[tokio::test]
async fn one_answer_at_a_time() {
    let app = TestApp::spawn_with(TestDatabase::sqlite(), small_pages).await;
    let nadia = app.person("nadia").await;
    let mut socket = nadia.connect_v2().await;

    for _ in 0..50 {
        socket.send(json!({"type": "resume", "cursors": {}})).await;
    }

    let (mut resumed, mut refused) = (0, 0);
    for _ in 0..50 {
        let event = socket.receive().await;
        match event["type"].as_str().unwrap() {
            "resumed" => resumed += 1,
            "error" => {
                assert_eq!(event["code"], "rate_limited");
                refused += 1;
            }
            _ => panic!("{event}"),
        }
    }
    assert!(resumed > 0 && refused > 0, "{resumed} {refused}");
    // The next one is let in again.
    socket.send(json!({"type": "resume", "cursors": {}})).await;
    socket.expect("resumed").await;
    app.stop().await;
}
