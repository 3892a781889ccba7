//! Marking as read: one message with everything before it, or a whole conversation.

use serde_json::{Value, json};

use crate::{
    helpers::{Person, Socket},
    on_both_databases,
};

/// Sends so many messages and returns their ids.
async fn ids_of(socket: &mut Socket, recipient: &Person, count: usize) -> Vec<Value> {
    let mut ids = vec![];
    for _ in 0..count {
        ids.push(socket.say(recipient.id, "hello").await["message"]["id"].clone());
    }
    ids
}

on_both_databases! {
    /// Appendix A.1.
    async fn reading_a_message_is_told_to_its_author(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        let ids = ids_of(&mut nadias, &omar, 1).await;
        let conversation = omar.conversation_with(&nadia).await;
        let mut omars = omar.connect().await;
        nadias.drain().await;

        omars.send(json!({"type": "mark_read", "message_id": ids[0]})).await;

        let success = omars.expect("mark_read_success").await;
        assert_eq!(success["message_id"], ids[0]);
        assert_eq!(success["message_ids"], json!(ids));
        assert_eq!(success["conversation_id"], *conversation);
        let read = nadias.expect("message_read").await;
        assert_eq!(read["message_id"], ids[0]);
        assert_eq!(read["message_ids"], json!(ids));
        assert_eq!(read["conversation_id"], *conversation);
        assert_eq!((&read["read_by"], &read["read_by_id"]), (&json!("omar"), &json!(omar.id)));
        assert!(read["read_at"].is_string(), "{read}");
        let shown = &nadia.history_with(&omar).await[0];
        assert_eq!((&shown["is_read"], &shown["is_delivered"]), (&json!(true), &json!(true)));
        assert_eq!(shown["read_by_users"][0]["id"], omar.id);
        assert_eq!(omar.unread().await, 0);
    }

    async fn reading_a_message_reads_everything_before_it(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;
        let ids = ids_of(&mut nadias, &omar, 3).await;
        let mut omars = omar.connect().await;
        nadias.drain().await;

        omars.send(json!({"type": "mark_read", "message_id": ids[1]})).await;

        let read = nadias.expect("message_read").await;
        assert_eq!(read["message_ids"], json!(ids[..2]));
        assert_eq!(omar.unread().await, 1);
    }

    /// The Messages page sends this (contract §2.2).
    async fn a_whole_conversation_is_read_at_once(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;
        let ids = ids_of(&mut nadias, &omar, 3).await;
        let conversation = omar.conversation_with(&nadia).await;
        let (mut omars, mut other_tab) = (omar.connect().await, omar.connect().await);
        nadias.drain().await;

        let mark = json!({
            "type": "mark_read", "recipient_id": nadia.id, "conversation_id": conversation,
        });
        omars.send(mark.clone()).await;

        let success = omars.expect("mark_read_success").await;
        assert_eq!(success["message_id"], json!(null));
        assert_eq!(success["message_ids"], json!(ids));
        assert_eq!(success["conversation_id"], *conversation);
        assert_eq!(other_tab.expect("mark_read_success").await, success);
        assert_eq!(nadias.expect("message_read").await["message_ids"], json!(ids));

        // Nothing is left to read: still a success, but nothing to tell.
        omars.send(mark).await;
        assert_eq!(omars.expect("mark_read_success").await["message_ids"], json!([]));
        assert_eq!(nadias.drain().await, Vec::<Value>::new());
        assert_eq!(other_tab.drain().await, Vec::<Value>::new());
    }

    async fn reading_again_is_a_success_and_tells_nobody(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;
        let ids = ids_of(&mut nadias, &omar, 2).await;
        let mut omars = omar.connect().await;
        omars.send(json!({"type": "mark_read", "message_id": ids[1]})).await;
        omars.expect("mark_read_success").await;
        nadias.receive_type("message_read").await;

        for id in &ids {
            omars.send(json!({"type": "mark_read", "message_id": id})).await;
            let success = omars.expect("mark_read_success").await;
            assert_eq!((&success["message_id"], &success["message_ids"]), (id, &json!([])));
        }
        assert_eq!(nadias.drain().await, Vec::<Value>::new());
    }

    async fn marking_ones_own_message_changes_nothing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        omar.connect().await.say(nadia.id, "unread").await;
        let mut nadias = nadia.connect().await;
        let ids = ids_of(&mut nadias, &omar, 1).await;

        nadias.send(json!({"type": "mark_read", "message_id": ids[0]})).await;

        assert_eq!(nadias.expect("mark_read_success").await["message_ids"], json!([]));
        assert_eq!(nadia.history_with(&omar).await[1]["is_read"], false);
        assert_eq!(nadia.unread().await, 1);
    }

    async fn an_outsider_can_mark_nothing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;
        let ids = ids_of(&mut nadias, &omar, 1).await;
        let mut mallorys = app.person("mallory").await.connect().await;

        let mark = json!({"type": "mark_read", "message_id": ids[0]});

        assert_eq!(mallorys.refused(mark).await, "Message not found");
        assert_eq!(nadias.drain().await, Vec::<Value>::new());
        assert_eq!(nadia.history_with(&omar).await[0]["is_read"], false);
        assert_eq!(omar.unread().await, 1);
    }

    async fn sending_is_not_reading(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;
        ids_of(&mut nadias, &omar, 2).await;

        omar.connect().await.say(nadia.id, "answering without looking").await;

        assert_eq!(omar.unread().await, 2);
        assert_eq!(nadia.unread().await, 1);
    }
}
