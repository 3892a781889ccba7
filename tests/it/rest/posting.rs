//! `POST conversations/{id}/messages/` (contract §5.1, §5.2).

use serde_json::{Value, json};

use crate::on_both_databases;

fn path(conversation: &str) -> String {
    format!("/api/messaging/conversations/{conversation}/messages/")
}

on_both_databases! {
    async fn a_post_arrives_live_like_a_frame(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        let (mut nadias, mut omars) = (nadia.connect().await, omar.connect().await);

        let posted = nadia.post(&path(&id), json!({"content": " hi ", "reply_to_id": null})).await;

        assert_eq!(posted.status, 201);
        let message = posted.body;
        for (name, value) in [
            ("conversation", json!(id)),
            ("content", json!("hi")),
            ("reply_to_id", json!(null)),
            ("seq", json!(1)),
            ("rev", json!(1)),
            ("duplicate", json!(false)),
            ("is_delivered", json!(true)),
            ("delivered_to", json!(["omar"])),
        ] {
            assert_eq!(message.get(name), Some(&value), "{name} of {message}");
        }
        let heard = omars.expect("new_message").await["message"].clone();
        assert_eq!((&heard["id"], &heard["text"]), (&message["id"], &json!("hi")));
        assert_eq!(omars.expect("message").await["message"], heard);
        assert_eq!(nadias.expect("message_delivered").await["message_id"], message["id"]);
        assert_eq!(nadias.expect("message_sent").await["message"]["id"], message["id"]);
    }

    async fn text_and_answer_have_alternative_names(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        let first = nadia.write(&id, "first").await["id"].clone();

        for body in [
            json!({"content": "x", "reply_to_id": first, "message_type": "text"}),
            json!({"body": "x", "reply_to": first}),
            json!({"text": "x", "reply_to": first}),
            json!({"content": null, "body": "x", "reply_to_id": first}),
        ] {
            let message = nadia.post(&path(&id), body.clone()).await.ok();
            assert_eq!(message["content"], "x", "{body}");
            assert_eq!(message["reply_to_id"], first, "{body}");
            assert_eq!(message["reply_to"]["content"], "first");
        }
    }

    async fn every_wrong_post_has_its_text(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        let with_paula = nadia.conversation_with(&app.person("paula").await).await;
        let elsewhere = nadia.write(&with_paula, "elsewhere").await["id"].clone();
        let of_others = {
            let (quinn, rosa) = (app.person("quinn").await, app.person("rosa").await);
            let theirs = quinn.conversation_with(&rosa).await;
            quinn.write(&theirs, "theirs").await["id"].clone()
        };
        let empty = json!({"error": "Message content cannot be empty"});
        let client_id = "client_id must be 1 to 64 characters without control characters.";
        let too_long = json!(["Message content is too long (max 8000 characters)."]);
        for (body, answer) in [
            (json!({}), empty.clone()),
            (json!({"content": ""}), empty.clone()),
            (json!({"content": " \n "}), empty.clone()),
            (json!({"content": null}), empty.clone()),
            (json!({"body": ""}), empty),
            (json!({"content": 5}), json!({"content": ["Not a valid string."]})),
            (json!({"body": ["x"]}), json!({"body": ["Not a valid string."]})),
            (json!({"content": "x".repeat(8001)}), json!({"content": too_long})),
            (json!({"content": "é".repeat(8001)}), json!({"content": too_long})),
            (
                json!({"content": "a\u{0}"}),
                json!({"content": ["Null characters are not allowed."]}),
            ),
            (
                json!({"content": "x", "reply_to_id": "no"}),
                json!({"reply_to_id": ["Must be a valid UUID."]}),
            ),
            (
                json!({"content": "x", "reply_to_id": 5}),
                json!({"reply_to_id": ["Must be a valid UUID."]}),
            ),
            (
                json!({"content": "x", "reply_to": "00000000-0000-4000-8000-000000000000"}),
                json!({"reply_to_id": ["Reply message does not exist."]}),
            ),
            // A message of others looks like one that does not exist.
            (
                json!({"content": "x", "reply_to_id": of_others}),
                json!({"reply_to_id": ["Reply message does not exist."]}),
            ),
            (
                json!({"content": "x", "reply_to_id": elsewhere}),
                json!({"reply_to_id": ["Can only reply to messages in the same conversation."]}),
            ),
            (
                json!({"content": "x", "client_id": ""}),
                json!({"client_id": [client_id]}),
            ),
        ] {
            let given = nadia.post(&path(&id), body.clone()).await;
            assert_eq!((given.status, &given.body), (400, &answer), "{body}");
        }
        assert_eq!(omar.history_with(&nadia).await, Vec::<Value>::new());
    }

    async fn membership_is_checked_before_the_content(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        let mallory = app.person("mallory").await;
        let refusal = json!({"error": "Conversation not found or you are not a participant"});

        for body in [json!({}), json!({"content": 5}), json!({"content": "x"})] {
            mallory.post(&path(&id), body).await.is(404, &refusal);
        }
        let no_id = mallory.post(&path("not-a-uuid"), json!({})).await;
        no_id.is(404, &json!({"detail": "Not found."}));
    }

    async fn a_post_may_come_as_a_form(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        let request = app.request(reqwest::Method::POST, &path(&id)).bearer_auth(&nadia.access);
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body("content=caf%C3%A9+%26+more&reply_to_id=");

        let message = crate::helpers::Answer::of(request).await.ok();

        assert_eq!(message["content"], "café & more");
        assert_eq!(message["reply_to_id"], Value::Null);
    }
}
