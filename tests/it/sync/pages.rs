//! The frames of an answer: pages, fresh starts, what is gone.

use serde_json::{Value, json};

use super::{Client, truth::Truth};
use crate::{
    helpers::{Person, Socket},
    on_both_databases,
};

/// Everything up to `resumed`, which comes last.
async fn answer(socket: &mut Socket, cursors: Value, epoch: &Value) -> (Vec<Value>, Value) {
    socket.send(json!({"type": "resume", "cursors": cursors, "epoch": epoch})).await;
    let mut frames = vec![];
    loop {
        let event = socket.receive().await;
        match event["type"].as_str().unwrap() {
            "sync" => frames.push(event),
            "resumed" => return (frames, event),
            _ => panic!("{event}"),
        }
    }
}

async fn epoch(person: &Person) -> Value {
    person.get("/api/messaging/sync/").await.ok()["epoch"].clone()
}

fn seqs(frame: &Value) -> Vec<i64> {
    frame["messages"].as_array().unwrap().iter().map(|it| it["seq"].as_i64().unwrap()).collect()
}

on_both_databases! {
    with crate::sync::small_pages;

    async fn a_page_says_from_where_to_where_it_goes(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        for turn in 1..=7 {
            nadia.write(&id, &format!("message {turn}")).await;
        }
        let epoch = epoch(&omar).await;
        let mut socket = omar.connect_v2().await;

        let (frames, resumed) = answer(&mut socket, json!({&id: 0}), &epoch).await;

        assert_eq!(frames.len(), 1);
        let frame = &frames[0];
        assert_eq!((&frame["conversation_id"], &frame["from_rev"]), (&json!(id), &json!(0)));
        assert_eq!((&frame["rev"], &frame["has_more"]), (&json!(5), &json!(true)));
        assert_eq!((&frame["reset"], &frame["last_seq"]), (&json!(false), &json!(7)));
        assert_eq!((&frame["unread_count"], &frame["hidden"]), (&json!(7), &json!([])));
        assert_eq!(seqs(frame), [1, 2, 3, 4, 5]);
        assert!(frame.get("conversation").is_none());
        assert_eq!(frame["messages"][0]["content"], "message 1");
        assert_eq!(frame["cursors"], json!([
            {"user_id": nadia.id, "read_seq": 7, "delivered_seq": 7},
            {"user_id": omar.id, "read_seq": 0, "delivered_seq": 7},
        ]));
        assert_eq!(resumed, json!({
            "type": "resumed", "epoch": epoch, "complete": false, "gone": [], "receipts": [],
        }));

        let (frames, resumed) = answer(&mut socket, json!({&id: 5}), &epoch).await;

        assert_eq!((frames.len(), &frames[0]["rev"]), (1, &json!(7)));
        assert_eq!((&frames[0]["has_more"], &frames[0]["from_rev"]), (&json!(false), &json!(5)));
        assert_eq!(resumed["complete"], true);

        let (frames, resumed) = answer(&mut socket, json!({&id: 7}), &epoch).await;

        assert_eq!(frames, Vec::<Value>::new());
        let receipts = &resumed["receipts"][0];
        assert_eq!((&receipts["conversation_id"], &receipts["unread_count"]), (&json!(id), &json!(7)));
        assert_eq!(receipts["cursors"][1]["delivered_seq"], 7);
    }

    async fn a_conversation_comes_afresh_exactly_when_it_must(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        for turn in 1..=50 {
            nadias.say(omar.id, &format!("message {turn}")).await;
        }
        let id = omar.conversation_with(&nadia).await;
        let epoch = epoch(&omar).await;
        let mut socket = omar.connect_v2().await;
        for (cursors, is_fresh) in [
            (json!({}), true),
            (json!({&id: 0}), true),
            // `limits.sync_reset` is 40.
            (json!({&id: 9}), true),
            (json!({&id: 10}), false),
            (json!({&id: 49}), false),
            // Ahead of the database: it is not the one this client knew.
            (json!({&id: 51}), true),
            (json!({&id: i64::MAX}), true),
        ] {
            let (frames, _) = answer(&mut socket, cursors.clone(), &epoch).await;

            let frame = &frames[0];
            assert_eq!(frame["reset"], is_fresh, "{cursors}");
            if is_fresh {
                assert_eq!(seqs(frame), [46, 47, 48, 49, 50]);
                assert_eq!((&frame["rev"], &frame["from_rev"]), (&json!(50), &json!(0)));
                assert_eq!((&frame["has_older"], &frame["has_more"]), (&json!(true), &json!(false)));
                let conversation = &frame["conversation"];
                assert_eq!(conversation["other_participant"]["id"], nadia.id);
                assert_eq!(conversation["latest_message"]["content"], "message 50");
                assert_eq!((&conversation["rev"], &conversation["last_seq"]), (&json!(50), &json!(50)));
            }
        }
    }

    async fn new_and_hidden_conversations_are_told_of(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let zoe = app.person("zoe").await;
        let old = nadia.conversation_with(&omar).await;
        let mut client = Client::of(&omar);
        client.come_back(&omar).await.close().await;
        assert_eq!(client.conversations.len(), 1);

        let path = format!("/api/messaging/conversations/{old}/");
        assert_eq!(omar.request(reqwest::Method::DELETE, &path, None).await.status, 204);
        let new = zoe.conversation_with(&omar).await;
        zoe.write(&new, "hello").await;
        // As little of it is told as of what never was.
        let foreign = nadia.conversation_with(&zoe).await;
        let missing = "00000000-0000-7000-8000-000000000000";
        let mut socket = omar.connect_v2().await;
        let known = json!({&old: 0, &foreign: 0, missing: 3});
        let (frames, resumed) = answer(&mut socket, known, &json!(client.epoch)).await;

        assert_eq!((frames.len(), &frames[0]["conversation_id"]), (1, &json!(new)));
        assert_eq!(frames[0]["reset"], true);
        let mut gone: Vec<_> = resumed["gone"].as_array().unwrap().clone();
        gone.sort_by_key(ToString::to_string);
        let mut wanted = vec![json!(old), json!(foreign), json!(missing)];
        wanted.sort_by_key(ToString::to_string);
        assert_eq!(gone, wanted);
        client.resume(&mut socket).await;
        Truth::of(&omar).await.is_known_at_rest_to(&client, "hidden");

        nadia.write(&old, "are you there?").await;
        client.resume(&mut socket).await;
        Truth::of(&omar).await.is_known_at_rest_to(&client, "back again");
    }

    async fn receipts_of_an_absence_are_told_without_changes(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        nadia.write(&id, "one").await;
        let mut client = Client::of(&nadia);
        client.come_back(&nadia).await.close().await;
        let before = client.conversations[&id].cursors[&omar.id];
        assert_eq!(before, (0, 0));

        let mark = format!("/api/messaging/conversations/{id}/mark-read/");
        omar.post(&mark, json!({})).await.ok();
        client.come_back(&nadia).await;

        assert_eq!(client.conversations[&id].cursors[&omar.id], (1, 1));
    }

    async fn the_twin_for_one_conversation_tells_the_same(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        for turn in 1..=4 {
            nadia.write(&id, &format!("message {turn}")).await;
        }
        let epoch = epoch(&omar).await;
        let mut socket = omar.connect_v2().await;
        let path = |query: &str| format!("/api/messaging/conversations/{id}/changes/?{query}");

        let (mut frames, _) = answer(&mut socket, json!({&id: 1}), &epoch).await;
        let mut changes = omar.get(&path("after_rev=1")).await.ok();

        let mut frame = frames.remove(0);
        assert_eq!(changes["epoch"], epoch);
        for answer in [&mut frame, &mut changes] {
            let fields = answer.as_object_mut().unwrap();
            fields.remove("type");
            fields.remove("epoch");
            for message in fields["messages"].as_array_mut().unwrap() {
                // They say how long ago somebody was there.
                message.as_object_mut().unwrap().remove("sender");
                message.as_object_mut().unwrap().remove("recipient");
                message.as_object_mut().unwrap().remove("delivered_by_users");
            }
        }
        assert_eq!(frame, changes);
        let page = omar.get(&path("after_rev=1&limit=2")).await.ok();
        assert_eq!((seqs(&page), &page["rev"]), (vec![2, 3], &json!(3)));
        assert_eq!(page["has_more"], true);
        let nothing = omar.get(&path("after_rev=4")).await.ok();
        assert_eq!((seqs(&nothing), &nothing["rev"]), (vec![], &json!(4)));
        assert_eq!((&nothing["has_more"], &nothing["reset"]), (&json!(false), &json!(false)));
        let ahead = omar.get(&path("after_rev=5")).await.ok();
        assert_eq!((&ahead["reset"], &ahead["rev"]), (&json!(true), &json!(4)));
        let foreign = omar.get(&path("after_rev=4&epoch=another")).await.ok();
        assert_eq!((&foreign["reset"], seqs(&foreign).len()), (&json!(true), 4));
    }
}
