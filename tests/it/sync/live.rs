//! Live events and the answer to `resume` together leave nothing out, also while much is going on.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use super::{Client, client::text, truth::Truth};
use crate::{helpers::Person, on_both_databases};

/// Does everything that takes a rev, on one connection.
async fn chatter(one: &Person, other: &Person, turns: usize, is_over: &AtomicBool) {
    let mut socket = one.connect_v2().await;
    for turn in 0..turns {
        let sent = socket.say(other.id, &format!("{} {turn}", one.username)).await;
        let id = text(&sent["message"]["id"]);
        let path = format!("/api/messaging/messages/{id}/");
        match turn % 5 {
            0 => {
                let edited = json!({"content": format!("edited {turn}")});
                one.request(reqwest::Method::PATCH, &path, Some(edited)).await.ok();
            }
            1 => {
                let like = json!({"type": "add_reaction", "message_id": id, "reaction": "like"});
                socket.send(like).await;
            }
            2 => drop(one.request(reqwest::Method::DELETE, &path, None).await),
            3 => drop(other.request(reqwest::Method::DELETE, &path, None).await),
            _ => {}
        }
    }
    // The answer says that everything before it is stored.
    socket.drain().await;
    is_over.store(true, Ordering::Relaxed);
}

on_both_databases! {
    with crate::sync::small_pages;

    async fn events_of_a_conversation_have_no_gap_and_no_disorder(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);

        let (one, other) = (AtomicBool::default(), AtomicBool::default());
        tokio::join!(chatter(&nadia, &omar, 20, &one), chatter(&omar, &nadia, 20, &other));

        let list = nadia.get("/api/messaging/conversations/").await.ok();
        let last = list[0]["rev"].as_i64().unwrap();
        assert!(last > 60, "{last}");
        for (whose, socket) in [("nadia", &mut nadias), ("omar", &mut omars)] {
            let events = socket.drain().await;
            let changes = events.iter().filter(|event| event["rev"].is_i64());
            let changes: Vec<_> = changes.filter(|it| it["conversation_id"] == json!(id)).collect();
            let mut known = 0;
            for event in changes {
                let rev = event["rev"].as_i64().unwrap();
                assert_eq!(event["prev_rev"], known, "{whose}: {event}");
                assert_eq!(rev, known + 1, "{whose}: {event}");
                known = rev;
            }
            assert_eq!(known, last, "{whose}");
        }
    }

    /// Whoever comes and goes in the midst of it and follows the rule knows everything in the end.
    async fn whoever_resumes_while_much_is_going_on_misses_nothing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (one, other) = (AtomicBool::default(), AtomicBool::default());
        let mut client = Client::of(&omar);

        let comes_and_goes = async {
            let mut socket = client.come_back(&omar).await;
            for visit in 0.. {
                if one.load(Ordering::Relaxed) && other.load(Ordering::Relaxed) {
                    break;
                }
                for event in socket.drain().await {
                    if client.apply(&event).is_some() {
                        client.resume(&mut socket).await;
                    }
                }
                if visit % 3 == 2 {
                    drop(socket);
                    socket = client.come_back(&omar).await;
                }
                tokio::time::timeout(Duration::from_millis(1), std::future::pending::<()>())
                    .await
                    .ok();
            }
            client.resume(&mut socket).await;
            let late: Vec<Value> = socket.drain().await;
            for event in late {
                assert_eq!(client.apply(&event), None);
            }
        };
        tokio::join!(
            chatter(&nadia, &omar, 25, &one),
            chatter(&omar, &nadia, 25, &other),
            comes_and_goes,
        );

        assert!(client.conversations.len() == 1);
        Truth::of(&omar).await.is_known_to(&client, "in the end");
    }
}
