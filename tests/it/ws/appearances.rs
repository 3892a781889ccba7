//! `/ws/messaging/`: conversations that appear in a list, and messages sent from there.

use serde_json::{Value, json};

use crate::{
    helpers::{Person, Socket},
    on_both_databases,
};

/// Types of everything but unread counts, which come when they are counted.
async fn heard(socket: &mut Socket) -> Vec<Value> {
    let events = socket.drain().await;
    events.into_iter().filter(|event| event["type"] != "unread_count_update").collect()
}

async fn hide(person: &Person, conversation: &str) {
    let path = format!("/api/messaging/conversations/{conversation}/");
    person.request(reqwest::Method::DELETE, &path, None).await.ok();
}

on_both_databases! {
    async fn a_new_conversation_appears_for_both_as_the_list_shows_it(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_messaging().await;
        let mut omars = omar.connect_messaging().await;

        let conversation = nadia.conversation_with(&omar).await;

        for (person, socket, other) in
            [(&nadia, &mut nadias, &omar), (&omar, &mut omars, &nadia)]
        {
            let event = socket.receive_type("conversation_updated").await;
            let mut shown = event["conversation"].clone();
            assert_eq!(shown["id"], conversation);
            assert_eq!(shown["other_participant"]["username"], other.username);
            assert_eq!(shown["latest_message"], json!(null));
            let mut listed = person.get("/api/messaging/conversations/").await.ok()[0].clone();
            for view in [&mut shown, &mut listed] {
                // The moment of asking.
                strip(view, "last_seen");
            }
            assert_eq!(shown, listed);
        }
        // Found again it has been there all the time.
        nadia.conversation_with(&omar).await;
        assert_eq!(heard(&mut omars).await, Vec::<Value>::new());
    }

    async fn a_first_message_brings_its_conversation(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut omars = omar.connect_messaging().await;
        let mut nadias = nadia.connect_messaging().await;
        let mut chat = nadia.connect_v2().await;

        let sent = chat.say(omar.id, "hello").await;

        for socket in [&mut omars, &mut nadias] {
            let event = socket.receive_type("conversation_updated").await;
            assert_eq!(event["conversation"]["latest_message"]["content"], "hello");
            assert_eq!(event["conversation_id"], sent["conversation_id"]);
        }
        // Quiet from then on: the old dashboard draws itself anew with every event.
        chat.say(omar.id, "and").await;
        let events = omars.drained_types().await;
        assert!(!events.contains(&"conversation_updated".to_owned()), "{events:?}");
        assert_eq!(heard(&mut nadias).await, Vec::<Value>::new());
    }

    async fn a_hidden_conversation_reappears_for_the_one_who_had_hidden_it(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        nadia.write(&conversation, "one").await;
        hide(&omar, &conversation).await;
        let mut omars = omar.connect_messaging().await;
        let mut nadias = nadia.connect_messaging().await;

        nadia.write(&conversation, "two").await;
        nadia.write(&conversation, "three").await;

        let event = omars.receive_type("conversation_updated").await;
        assert_eq!(event["conversation"]["id"], conversation);
        assert_eq!(heard(&mut nadias).await, Vec::<Value>::new());
        let later = omars.drained_types().await;
        assert!(!later.contains(&"conversation_updated".to_owned()), "{later:?}");

        // Started again, it is back for the starter alone.
        hide(&nadia, &conversation).await;
        nadia.conversation_with(&omar).await;
        let event = nadias.receive_type("conversation_updated").await;
        assert_eq!(event["conversation"]["id"], conversation);
        assert_eq!(heard(&mut omars).await, Vec::<Value>::new());
    }

    async fn a_message_can_be_sent_from_there(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let (mut here, mut omars) = (nadia.connect_messaging().await, omar.connect_v2().await);
        let mut chat = nadia.connect_v2().await;
        let frame = json!({
            "type": "send_message", "conversation_id": conversation, "content": "hi",
            "client_id": "c-1",
        });

        here.send(frame.clone()).await;

        let delivered = here.receive_type("message_delivered").await;
        let sent = here.expect("message_sent").await;
        assert_eq!(delivered["message_id"], sent["message"]["id"]);
        assert_eq!((&sent["client_id"], &sent["duplicate"]), (&json!("c-1"), &json!(false)));
        let heard = omars.receive_type("new_message").await;
        assert_eq!(heard["message"]["id"], sent["message"]["id"]);
        // Other connections of the sender hear of it on `/ws/chat/`, as always.
        assert_eq!(chat.receive_type("message_sent").await["message"]["id"], sent["message"]["id"]);

        here.send(frame).await;
        assert_eq!(here.receive_type("message_sent").await["duplicate"], true);
        for (change, text) in [
            (json!({"content": " "}), "recipient_id and text are required"),
            (json!({"conversation_id": null}), "recipient_id and text are required"),
            (json!({"conversation_id": "no"}), "Conversation not found"),
            (json!({"content": "x".repeat(8001)}), "Message content is too long (max 8000 characters)."),
        ] {
            let mut frame =
                json!({"type": "send_message", "conversation_id": conversation, "content": "hi"});
            for (name, value) in change.as_object().unwrap() {
                frame[name] = value.clone();
            }
            assert_eq!(here.refused(frame).await, text);
        }
        let mut nobody = Socket::open(app.ws_url("/ws/messaging/")).await.unwrap();
        nobody.expect("connection_established").await;
        let frame = json!({"type": "send_message", "conversation_id": conversation, "content": "x"});
        assert_eq!(nobody.refused(frame).await, "Authentication required");
    }
}

fn strip(value: &mut Value, name: &str) {
    match value {
        Value::Object(fields) => {
            fields.remove(name);
            fields.values_mut().for_each(|field| strip(field, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
