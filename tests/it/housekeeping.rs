//! What is taken away when nobody needs it any more.

use serde_json::json;

use crate::{
    helpers::{Person, Program},
    on_both_databases, with_both_databases,
};

on_both_databases! {
    async fn a_reaction_given_again_and_again_is_told_once_until_it_is_read(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let message = nadia.write(&conversation, "hello").await["id"].clone();
        let message = message.as_str().unwrap();
        let reactions = format!("/api/messaging/messages/{message}/reactions/");
        let take_back = format!("{reactions}remove/");
        let told = async || {
            let list = nadia.get("/api/notifications/?verb=reaction").await.ok();
            let rows = list.as_array().unwrap().iter();
            rows.map(|row| row["payload"]["reaction_type"].clone()).collect::<Vec<_>>()
        };

        for reaction in ["like", "love", "wow"] {
            omar.post(&reactions, json!({"reaction": reaction})).await.ok();
            omar.post(&take_back, json!({})).await.ok();
        }
        assert_eq!(told().await, ["wow"]);
        // In place of another one: the notification speaks of it.
        for reaction in ["sad", "angry"] {
            omar.post(&reactions, json!({"reaction": reaction})).await.ok();
        }
        assert_eq!(told().await, ["angry"]);

        nadia.post("/api/notifications/mark_all_read/", json!({})).await.ok();
        omar.post(&take_back, json!({})).await.ok();
        omar.post(&reactions, json!({"reaction": "like"})).await.ok();
        assert_eq!(told().await, ["like", "angry"]);

        // Somebody else's, and one to another message, are others.
        let second = nadia.write(&conversation, "and").await["id"].clone();
        let second = format!("/api/messaging/messages/{}/reactions/", second.as_str().unwrap());
        omar.post(&second, json!({"reaction": "haha"})).await.ok();
        assert_eq!(told().await, ["haha", "like", "angry"]);
    }
}

with_both_databases! {
    async fn old_notifications_that_were_read_are_removed(database) {
        let program = Program::unlimited(database);
        let server = program.serve().await;
        let nadia = Person::register(&server, "nadia").await;
        for number in 0..6 {
            nadia.post("/api/notifications/", json!({"message": format!("n{number}")})).await.ok();
        }
        server.kill().await;
        // n0 to n3 are old, and of them n0 and n2 are read; n4 is read and young.
        let old = "created_at = '2026-01-01 00:00:00+00:00'";
        let set = |what: &str, texts: &str| {
            format!("UPDATE notifications SET {what} WHERE text IN ({texts})")
        };
        database.execute(&set(old, "'n0', 'n1', 'n2', 'n3'")).await;
        database.execute(&set("is_read = true", "'n0', 'n2', 'n4'")).await;
        let count = async || database.number("SELECT count(*) FROM notifications").await;

        let keeps = program.clone().with("VIKRAHUB__NOTIFICATIONS__KEEP_DAYS", "0");
        let server = keeps.serve().await;
        nadia.at(&server).get("/api/notifications/").await.ok();
        server.kill().await;
        assert_eq!(count().await, 6);

        let server = program.serve().await;
        while count().await > 4 {
            tokio::task::yield_now().await;
        }
        let list = nadia.at(&server).get("/api/notifications/").await.ok();
        let left: Vec<_> = list.as_array().unwrap().iter().map(|row| &row["message"]).collect();
        assert_eq!(left, ["n5", "n4", "n3", "n1"]);
    }
}
