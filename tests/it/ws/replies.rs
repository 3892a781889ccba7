//! Answers to a message carry the beginning of it.

use serde_json::{Value, json};

use crate::on_both_databases;

fn reply(recipient: i64, reply_to: &Value) -> Value {
    json!({"type": "message", "recipient_id": recipient, "text": "re", "reply_to_id": reply_to})
}

on_both_databases! {
    async fn an_answer_shows_the_first_hundred_characters(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);

        for (text, shown) in [
            ("lunch?".to_owned(), "lunch?".to_owned()),
            ("é".repeat(100), "é".repeat(100)),
            ("é".repeat(101), format!("{}...", "é".repeat(100))),
        ] {
            let asked = nadias.say(omar.id, &text).await["message"].clone();
            omars.receive_type("new_message").await;
            omars.send(reply(nadia.id, &asked["id"])).await;
            let answer = nadias.receive_type("new_message").await["message"].clone();

            let quote = json!({
                "id": asked["id"],
                "content": shown,
                "text": shown,
                "sender": {"id": nadia.id, "username": "nadia", "full_name": "nadia"},
            });
            assert_eq!(answer["reply_to"], quote);
            assert_eq!(answer["reply_to_id"], asked["id"]);
            let history = omar.history_with(&nadia).await;
            assert_eq!(history.last().unwrap()["reply_to"], quote);
        }
    }

    /// Anything else would carry a text to somebody who never had it.
    async fn only_messages_of_the_same_conversation_can_be_quoted(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mallory = app.person("mallory").await;
        let secret = nadia.connect().await.say(omar.id, "secret").await["message"]["id"].clone();
        let mut mallorys = mallory.connect().await;
        let mut omars = omar.connect().await;

        for refused in [
            mallorys.refused(reply(omar.id, &secret)).await,
            // His own message, but of another conversation.
            omars.refused(reply(mallory.id, &secret)).await,
        ] {
            assert_eq!(refused, "Reply message not found");
        }
        assert_eq!(mallory.history_with(&omar).await, Vec::<Value>::new());
    }

    async fn a_deleted_message_can_no_longer_be_quoted(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let deleted = nadias.say(omar.id, "oops").await["message"]["id"].clone();
        omars.expect("new_message").await;
        omars.send(reply(nadia.id, &deleted)).await;
        omars.receive_type("message_sent").await;

        app.database.execute("UPDATE messages SET deleted_at = created_at WHERE seq = 1").await;

        assert_eq!(omars.refused(reply(nadia.id, &deleted)).await, "Reply message not found");
        let history = omar.history_with(&nadia).await;
        assert_eq!(history.len(), 1);
        assert_eq!(history[0]["reply_to"]["content"], "");
    }

    async fn no_answer_is_written_as_null_or_blank(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;

        for nothing in [json!(null), json!("")] {
            nadias.send(reply(omar.id, &nothing)).await;
            assert_eq!(nadias.expect("message_sent").await["message"]["reply_to"], json!(null));
        }
    }
}
