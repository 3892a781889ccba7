//! Editing and deleting messages, hiding conversations (contract §5.1).

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    helpers::{Answer, Person},
    on_both_databases,
};

fn path(message: &Value) -> String {
    format!("/api/messaging/messages/{}/", message["id"].as_str().unwrap())
}

async fn edit(person: &Person, message: &Value, content: &str) -> Answer {
    person.request(Method::PATCH, &path(message), Some(json!({"content": content}))).await
}

async fn delete(person: &Person, message: &Value) -> Answer {
    person.request(Method::DELETE, &path(message), None).await
}

on_both_databases! {
    async fn an_author_edits_his_message_and_everybody_sees_it(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let sent = nadias.say(omar.id, "lnuch?").await["message"].clone();
        omars.expect("new_message").await;

        let edited = edit(&nadia, &sent, " lunch? ").await.ok();

        assert_eq!((&edited["content"], &edited["is_edited"]), (&json!("lunch?"), &json!(true)));
        assert_eq!((&edited["seq"], &edited["rev"]), (&json!(1), &json!(2)));
        assert!(edited["edited_at"].is_string(), "{edited}");
        for socket in [&mut nadias, &mut omars] {
            let event = socket.expect("message_updated").await;
            assert_eq!(event["message"]["content"], "lunch?");
            assert_eq!((&event["rev"], &event["prev_rev"]), (&json!(2), &json!(1)));
        }
        assert_eq!(omar.get(&path(&sent)).await.ok()["content"], "lunch?");
        // Saying the same again is no change.
        edit(&nadia, &sent, "lunch?").await.ok();
        assert_eq!(omars.drained_types().await, Vec::<String>::new());
    }

    async fn only_the_author_edits_and_strangers_learn_nothing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let zoe = app.person("zoe").await;
        let sent = nadia.connect_v2().await.say(omar.id, "lunch?").await["message"].clone();

        let by_recipient = edit(&omar, &sent, "dinner?").await;
        assert_eq!(by_recipient.status, 403);
        assert_eq!(by_recipient.body, json!({"error": "You can only edit your own messages."}));
        let missing = json!({"id": "00000000-0000-7000-8000-000000000000"});
        for message in [&sent, &missing] {
            for answer in [
                zoe.get(&path(message)).await,
                edit(&zoe, message, "x").await,
                edit(&zoe, message, "").await,
                delete(&zoe, message).await,
            ] {
                assert_eq!(answer.status, 404);
                let detail = "No Message matches the given query.";
                assert_eq!(answer.body, json!({"detail": detail}));
            }
        }
        let empty = edit(&nadia, &sent, " ").await;
        assert_eq!(empty.status, 400);
        assert_eq!(empty.body, json!({"error": "Message content cannot be empty"}));
        assert_eq!(nadia.history_with(&omar).await[0]["content"], "lunch?");
    }

    async fn an_author_deletes_his_message_for_everybody(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let first = nadias.say(omar.id, "one").await["message"].clone();
        nadias.say(omar.id, "two").await;
        omars.drain().await;

        assert_eq!(delete(&nadia, &first).await.status, 204);

        for socket in [&mut nadias, &mut omars] {
            let event = socket.expect("message_deleted").await;
            assert_eq!(event["message_id"], first["id"]);
            assert_eq!(event["conversation_id"], first["conversation_id"]);
        }
        for person in [&nadia, &omar] {
            assert_eq!(person.get(&path(&first)).await.status, 404);
        }
        assert_eq!(omar.history_with(&nadia).await.len(), 1);
        assert_eq!(omar.unread().await, 1);
        assert_eq!(delete(&nadia, &first).await.status, 404);
    }

    async fn a_recipient_deletes_a_message_for_himself(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let sent = nadias.say(omar.id, "one").await["message"].clone();
        omars.drain().await;

        assert_eq!(delete(&omar, &sent).await.status, 204);

        let gone = omars.expect("message_deleted").await;
        assert_eq!(gone["message_id"], sent["id"]);
        assert_eq!((&gone["rev"], &gone["prev_rev"]), (&json!(2), &json!(1)));
        assert_eq!(omar.history_with(&nadia).await, Vec::<Value>::new());
        assert_eq!(omar.unread().await, 0);
        assert_eq!(nadia.history_with(&omar).await.len(), 1);
        // She learns that a number was taken and nothing else.
        assert_eq!(nadias.drain().await, [json!({
            "type": "conversation_rev", "conversation_id": sent["conversation_id"],
            "rev": 2, "prev_rev": 1,
        })]);
        let count = omar.get(&format!("/api/messaging/messages/?user_id={}", nadia.id)).await;
        assert_eq!(count.ok()["count"], 0);
    }

    async fn what_a_recipient_deleted_for_himself_stays_deleted(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let sent = nadias.say(omar.id, "one").await["message"].clone();
        let reactions = format!("{}reactions/", path(&sent));
        delete(&omar, &sent).await;
        omars.drain().await;

        edit(&nadia, &sent, "two").await.ok();
        nadia.post(&reactions, json!({"reaction": "like"})).await.ok();

        for rev in [3, 4] {
            let gone = omars.expect("message_deleted").await;
            assert_eq!((&gone["message_id"], &gone["rev"]), (&sent["id"], &json!(rev)));
            assert_eq!(gone["prev_rev"], rev - 1);
        }
        assert_eq!(omar.history_with(&nadia).await, Vec::<Value>::new());
        assert_eq!(omars.drained_types().await, Vec::<String>::new());
    }

    async fn a_hidden_conversation_comes_back_with_the_next_message(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        let sent = nadias.say(omar.id, "one").await["message"].clone();
        let id = sent["conversation_id"].as_str().unwrap().to_owned();
        let conversation = format!("/api/messaging/conversations/{id}/");
        let list = "/api/messaging/conversations/";
        let mut omars = omar.connect_v2().await;

        assert_eq!(omar.request(Method::DELETE, &conversation, None).await.status, 204);
        let hidden = json!({"type": "conversation_hidden", "conversation_id": id});
        assert_eq!(omars.drain().await, [hidden]);

        assert_eq!(omar.get(list).await.ok(), json!([]));
        assert_eq!(omar.unread().await, 0);
        assert_eq!(nadia.get(list).await.ok().as_array().unwrap().len(), 1);
        nadias.say(omar.id, "two").await;
        let listed = omar.get(list).await.ok();
        assert_eq!((&listed[0]["id"], &listed[0]["unread_count"]), (&json!(id), &json!(1)));
        // Opening it again brings it back as well.
        assert_eq!(omar.request(Method::DELETE, &conversation, None).await.status, 204);
        assert_eq!(omar.conversation_with(&nadia).await, id);
        assert_eq!(omar.get(list).await.ok().as_array().unwrap().len(), 1);
        let zoe = app.person("zoe").await;
        assert_eq!(zoe.request(Method::DELETE, &conversation, None).await.status, 404);
    }

    async fn named_messages_are_marked_as_read(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        let first = nadias.say(omar.id, "one").await["message"].clone();
        nadias.say(omar.id, "two").await;
        let path = format!(
            "/api/messaging/conversations/{}/mark-messages-read/",
            first["conversation_id"].as_str().unwrap()
        );

        let marked = omar.post(&path, json!({"message_ids": [first["id"]]})).await.ok();

        assert_eq!((&marked["status"], &marked["message_ids"]), (&json!("success"), &json!([first["id"]])));
        assert_eq!(nadias.expect("message_delivered").await["message_id"], first["id"]);
        assert_eq!(nadias.expect("message_read").await["message_ids"], json!([first["id"]]));
        assert_eq!(omar.unread().await, 1);
        assert_eq!(omar.post(&path, json!({"message_ids": ["x"]})).await.status, 400);
        assert_eq!(omar.post(&path, json!({})).await.status, 400);
        let zoe = app.person("zoe").await;
        assert_eq!(zoe.post(&path, json!({"message_ids": [first["id"]]})).await.status, 404);
    }
}
