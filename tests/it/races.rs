//! Many things at once.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    helpers::{OpenTransaction, PATIENCE, Person, Socket, TestApp, TestDatabase},
    on_both_databases,
};

fn numbers(history: &[Value], field: &str) -> Vec<i64> {
    history.iter().map(|message| message[field].as_i64().unwrap()).collect()
}

fn texts(history: &[Value]) -> Vec<String> {
    history.iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

async fn sockets(person: &Person, count: usize) -> Vec<Socket> {
    join_all((0..count).map(|_| person.connect_v2())).await
}

on_both_databases! {
    async fn strangers_who_write_to_each_other_at_once_share_one_conversation(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (sockets(&nadia, 10).await, sockets(&omar, 10).await);

        let one_way = nadias.iter_mut().map(|socket| socket.send_message(omar.id, "hello"));
        let other_way = omars.iter_mut().map(|socket| socket.send_message(nadia.id, "hello"));
        tokio::join!(join_all(one_way), join_all(other_way));

        // Every socket hears of all twenty: its own side's as sent, the other's as new.
        for socket in nadias.iter_mut().chain(&mut omars) {
            let mut seqs = vec![];
            while seqs.len() < 20 {
                let event = socket.receive().await;
                if event["type"] == "message_sent" || event["type"] == "new_message" {
                    seqs.push(event["message"]["seq"].as_i64().unwrap());
                }
            }
            assert_eq!(seqs, (1..=20).collect::<Vec<_>>());
        }
        let histories = [nadia.history_with(&omar).await, omar.history_with(&nadia).await];
        let ids = histories.each_ref().map(|history| {
            history.iter().map(|message| message["id"].clone()).collect::<Vec<_>>()
        });
        assert_eq!(ids[0], ids[1]);
        for history in &histories {
            assert_eq!(numbers(history, "seq"), (1..=20).collect::<Vec<_>>());
            assert_eq!(numbers(history, "rev"), (1..=20).collect::<Vec<_>>());
        }
        assert_eq!(app.database.number("SELECT count(*) FROM conversations").await, 1);
    }

    async fn a_connection_keeps_the_order_of_a_hundred_messages(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let wanted: Vec<_> = (0..100).map(|n| format!("message {n}")).collect();

        for text in &wanted {
            nadias.send_message(omar.id, text).await;
        }

        let (mut sent, mut heard) = (vec![], vec![]);
        for _ in &wanted {
            sent.push(nadias.receive_type("message_sent").await["message"].clone());
            heard.push(omars.expect("new_message").await["message"].clone());
        }
        let history = omar.history_with(&nadia).await;
        for messages in [&sent, &heard, &history] {
            assert_eq!(texts(messages), wanted);
            assert_eq!(numbers(messages, "seq"), (1..=100).collect::<Vec<_>>());
        }
        let times: Vec<_> = history.iter().map(|m| m["created_at"].as_str().unwrap()).collect();
        assert!(times.is_sorted(), "{times:?}");
    }

    async fn one_sender_and_many_recipients_do_not_mix(app) {
        let nadia = app.person("nadia").await;
        let mut others = vec![];
        for place in 0..5 {
            others.push(app.person(&format!("other-{place}")).await);
        }
        let mut nadias = nadia.connect_v2().await;

        for round in 0..10 {
            for other in &others {
                nadias.send_message(other.id, &format!("{} {round}", other.username)).await;
            }
        }
        for _ in 0..50 {
            nadias.expect("message_sent").await;
        }

        for other in &others {
            let history = other.history_with(&nadia).await;
            let wanted = (0..10).map(|round| format!("{} {round}", other.username));
            let wanted: Vec<_> = wanted.collect();
            assert_eq!(texts(&history), wanted);
            assert_eq!(numbers(&history, "seq"), (1..=10).collect::<Vec<_>>());
        }
    }

    async fn twenty_creations_of_a_conversation_make_one(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let path = "/api/messaging/conversations/";

        let from_nadia = (0..10).map(|_| nadia.post(path, json!({"target_user_id": omar.id})));
        let from_omar = (0..10).map(|_| omar.post(path, json!({"participant_username": "nadia"})));
        let (one, other) = tokio::join!(join_all(from_nadia), join_all(from_omar));

        let answers = [one, other].concat();
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let ids: BTreeSet<_> =
            answers.into_iter().map(|answer| answer.ok()["id"].to_string()).collect();
        assert_eq!((created, ids.len()), (1, 1));
        assert_eq!(app.database.number("SELECT count(*) FROM conversations").await, 1);
        assert_eq!(app.database.number("SELECT count(*) FROM participants").await, 2);
    }

    async fn a_user_name_taken_at_once_belongs_to_one(app) {
        let body = json!({"username": "nadia", "password": "pw-nadia"});

        let racing = (0..8).map(|_| app.post("/api/users/", body.clone()));
        let answers = join_all(racing).await;

        let created = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(created, 1, "{answers:?}");
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            let taken = json!({"username": ["A user with that username already exists."]});
            refused.is(400, &taken);
        }
    }

    async fn reading_while_being_written_to_misses_nothing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);

        let writing = async {
            for place in 0..50 {
                nadias.send_message(omar.id, &format!("message {place}")).await;
            }
        };
        let reading = async {
            let mark = json!({"type": "mark_read", "conversation_id": conversation});
            for _ in 0..10 {
                omars.send(mark.clone()).await;
            }
        };
        tokio::join!(writing, reading);
        // The last frame of each side is answered last.
        let mut read = BTreeSet::new();
        let mut sent = 0;
        while sent < 50 {
            let event = nadias.receive().await;
            match event["type"].as_str().unwrap() {
                "message_sent" => sent += 1,
                "message_read" => read.extend(ids(&event)),
                _ => {}
            }
        }
        omars.send(json!({"type": "mark_read", "conversation_id": conversation})).await;
        while read.len() < 50 {
            let event = nadias.receive_type("message_read").await;
            for id in ids(&event) {
                assert!(read.insert(id), "read twice: {event}");
            }
        }

        assert_eq!(omar.unread().await, 0);
    }
}

fn ids(event: &Value) -> Vec<String> {
    event["message_ids"].as_array().unwrap().iter().map(ToString::to_string).collect()
}

/// Begins to store a message of hers as another server would, under this number.
async fn store_elsewhere(
    app: &TestApp,
    (sender, recipient, conversation): (i64, i64, &str),
    client_id: &str,
    number: i64,
) -> OpenTransaction {
    let transaction = app.database.begin().await;
    let id = Uuid::now_v7();
    transaction
        .execute(&format!(
            "INSERT INTO messages (id, conversation_id, seq, rev, sender_id, recipient_id, \
             client_id, content, created_at) VALUES ('{id}', '{conversation}', {number}, {number}, \
             {sender}, {recipient}, '{client_id}', 'hello', now())"
        ))
        .await;
    transaction
}

#[tokio::test]
async fn repeats_of_what_is_being_stored_elsewhere_find_it_one_after_the_other() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let app = TestApp::spawn_with(database, |_config| {}).await;
    let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
    let conversation = nadia.conversation_with(&omar).await;
    let place = (nadia.id, omar.id, conversation.as_str());
    let first = store_elsewhere(&app, place, "a", 1001).await;
    let second = store_elsewhere(&app, place, "b", 1002).await;
    let third = store_elsewhere(&app, place, "c", 1003).await;
    let mut nadias = nadia.connect_v2().await;
    let repeat = |client_id: &str| json!({"type": "message", "recipient_id": omar.id, "text": "hello", "client_id": client_id});

    nadias.send(repeat("a")).await;
    is_waited_for(&app.database, &first).await;
    // They gather while the first is under way, and are tried together.
    nadias.send(repeat("b")).await;
    nadias.send(repeat("c")).await;
    for transaction in [first, second, third] {
        is_waited_for(&app.database, &transaction).await;
        transaction.commit().await;
    }

    for client_id in ["a", "b", "c"] {
        let answer = nadias.expect("message_sent").await;
        assert_eq!((&answer["client_id"], &answer["duplicate"]), (&json!(client_id), &json!(true)));
    }
    let stored = app.database.number("SELECT count(*) FROM messages").await;
    assert_eq!(stored, 3);
    app.stop().await;
}

/// Waits until somebody waits for the end of this transaction.
async fn is_waited_for(database: &TestDatabase, transaction: &OpenTransaction) {
    let transaction = transaction.number().await;
    let sql = format!(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' \
         AND transactionid::text::bigint = {transaction}"
    );
    let waiting = async { while database.number(&sql).await == 0 {} };
    timeout(PATIENCE, waiting).await.expect("somebody to wait for it");
}
