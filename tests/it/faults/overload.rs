//! A database that cannot keep up: what waits too long is refused, the least important first, and
//! nothing that was accepted is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    helpers::{Person, Program, Socket},
    with_both_databases,
};

fn message(recipient: &Person, client_id: &str) -> Value {
    json!({
        "type": "message", "recipient_id": recipient.id, "text": client_id, "client_id": client_id,
    })
}

/// Answers to messages by their client id: `stored` or the code of the error.
fn answers(events: &[Value]) -> BTreeMap<String, String> {
    let answer = |event: &Value| {
        let client_id = event["client_id"].as_str()?.to_owned();
        match event["type"].as_str()? {
            "message_sent" => Some((client_id, "stored".to_owned())),
            "error" => Some((client_id, event["code"].as_str()?.to_owned())),
            _ => None,
        }
    };
    events.iter().filter_map(answer).collect()
}

/// Waits until so many messages are answered.
async fn until_answered(socket: &mut Socket, known: &mut BTreeMap<String, String>, count: usize) {
    while known.len() < count {
        let event = socket.receive().await;
        known.extend(answers(&[event]));
    }
}

/// The client ids of everything stored, oldest first.
async fn stored(one: &Person, other: &Person) -> Vec<String> {
    let history = one.whole_history_with(other).await;
    history.iter().map(|message| message["client_id"].as_str().unwrap().to_owned()).collect()
}

with_both_databases! {
    async fn the_longer_writes_wait_the_more_stands_back_and_messages_last(database) {
        let program = Program::unlimited(database)
            .with("VIKRAHUB__SERVER__PRESENCE_GRACE_SECONDS", "0")
            .with("VIKRAHUB__DATABASE__SHED_AFTER_MS", "200");
        let server = program.serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        let paula = server.person("paula").await;
        let conversation = nadia.conversation_with(&omar).await;
        paula.conversation_with(&omar).await;
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let typing = json!({"type": "typing_start", "conversation_id": conversation});
        let mark = json!({"type": "mark_read", "conversation_id": conversation});
        let resume = json!({"type": "resume", "cursors": {}});
        let history = format!("/api/messaging/conversations/{conversation}/messages/");

        let held = database.hold_writes().await;
        let mut known = BTreeMap::new();
        for probe in 0.. {
            // The most important first: what is refused now is refused a moment later too.
            nadias.send(message(&omar, &format!("probe {probe}"))).await;
            let events = nadias.drain().await;
            let no_message = events.iter().any(|event| event["code"] == "overloaded");
            known.extend(answers(&events));
            let answer = nadia.get(&history).await;
            let no_read = answer.status == 503;
            if no_read {
                assert_eq!(answer.body["code"], "overloaded");
                assert!(answer.body["retry_after"].as_u64() >= Some(1), "{}", answer.body);
            }
            nadias.send(mark.clone()).await;
            let no_mark = nadias.drain().await.iter().any(|event| event["code"] == "overloaded");
            assert!(no_read || !no_message, "a message was refused before a page of history");
            assert!(no_mark || !no_read, "a page of history was refused before a mark");
            if no_message {
                break;
            }
        }
        // Typing, presence and catching up have been standing back for long.
        nadias.send(typing.clone()).await;
        nadias.send(resume.clone()).await;
        let events = nadias.drain().await;
        let refusal = events.iter().find(|event| event["type"] == "error").unwrap();
        assert_eq!(refusal["code"], "overloaded");
        assert_eq!(refusal["retry_after"], 1);
        let paulas = paula.connect_v2().await;
        let heard = omars.drain_with_statuses().await;
        assert!(heard.iter().all(|event| event["type"] != "user_typing"), "{heard:?}");
        let of_paula = |event: &Value| {
            event["type"] == "user_status" && event["user_id"] == paula.id
        };
        assert!(!heard.iter().any(of_paula), "{heard:?}");
        // What was refused was not done, the rest is still to come.
        assert!(known.values().all(|answer| answer == "overloaded"), "{known:?}");
        let refused: BTreeSet<_> = known.keys().cloned().collect();
        held.release().await;

        // As soon as the database goes on, what waited is stored, and what was told late is told.
        while !of_paula(&omars.receive_status().await) {}
        let sent = refused.iter().map(|probe| probe[6..].parse::<usize>().unwrap()).max().unwrap() + 1;
        until_answered(&mut nadias, &mut known, sent).await;
        let first: Vec<_> = known.iter().filter(|(_, answer)| *answer == "stored").collect();
        assert_eq!(first.len() + refused.len(), sent, "{known:?}");
        // Refused means not done: the repeat is no duplicate.
        for client_id in &refused {
            nadias.send(message(&omar, client_id)).await;
            let answer = nadias.receive_type("message_sent").await;
            assert_eq!(answer["duplicate"], false, "{answer}");
        }
        let stored = stored(&nadia, &omar).await;
        assert_eq!(stored.len(), sent);
        assert_eq!(stored.iter().collect::<BTreeSet<_>>().len(), sent);
        nadias.send(resume).await;
        nadias.receive_type("resumed").await;
        let metrics = server.get("/metrics").await.ok();
        let metrics = metrics.as_str().unwrap();
        for what in ["reads", "receipts", "typing", "presence", "messages"] {
            let name = format!("vikrahub_shed_total{{what=\"{what}\"}} ");
            let line = metrics.lines().find_map(|line| line.strip_prefix(&name)).unwrap();
            assert_ne!(line, "0", "{what}");
        }
        paulas.close().await;
        server.stop().await;
    }

    async fn what_has_waited_too_long_is_refused_and_not_stored(database) {
        const PATIENCE: Duration = Duration::from_millis(200);
        let program = Program::unlimited(database)
            .with("VIKRAHUB__DATABASE__EXPIRE_AFTER_MS", &PATIENCE.as_millis().to_string());
        let server = program.serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        nadia.conversation_with(&omar).await;
        let mut nadias = nadia.connect_v2().await;

        let held = database.hold_writes().await;
        let mut known = BTreeMap::new();
        let mut sent = 0;
        let begun = Instant::now();
        while begun.elapsed() < 2 * PATIENCE {
            nadias.send(message(&omar, &format!("message {sent:04}"))).await;
            sent += 1;
            known.extend(answers(&nadias.drain().await));
        }
        assert_eq!(known, BTreeMap::new());
        held.release().await;
        until_answered(&mut nadias, &mut known, sent).await;

        let accepted: Vec<_> =
            known.iter().filter(|(_, answer)| *answer == "stored").map(|(id, _)| id.clone()).collect();
        assert!(known.values().any(|answer| answer == "overloaded"), "{known:?}");
        assert!(known.values().all(|answer| answer == "overloaded" || answer == "stored"));
        assert_eq!(stored(&nadia, &omar).await, accepted);
        server.stop().await;
    }
}
