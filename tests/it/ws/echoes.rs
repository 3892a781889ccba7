//! The old Messages page sends every message twice: over REST, then over its socket. The second one
//! is recognised (contract §2.6 and appendix A.2).

use serde_json::{Value, json};

use crate::on_both_databases;

on_both_databases! {
    async fn a_post_and_its_echo_are_one_message(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let (mut nadias, mut omars) = (nadia.connect().await, omar.connect_v2().await);

        let posted = nadia.write(&conversation, "hello").await;
        assert_eq!(omars.expect("new_message").await["message"]["id"], posted["id"]);
        assert_eq!(nadias.drained_types().await, ["message_delivered", "message_sent"]);
        nadias.send(json!({
            "type": "message", "recipient_id": omar.id, "text": " hello ", "reply_to_id": null,
        })).await;

        assert_eq!(nadias.expect("message_delivered").await["message_id"], posted["id"]);
        let echoed = nadias.expect("message_sent").await;
        assert_eq!(echoed["message"]["id"], posted["id"]);
        assert_eq!(echoed["message"]["content"], "hello");
        assert_eq!(omars.drain().await, Vec::<Value>::new());
        assert_eq!(omar.history_with(&nadia).await.len(), 1);
    }

    async fn two_genuine_sends_of_the_same_text_are_two_messages(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;

        let first = nadias.say(omar.id, "knock").await;
        let second = nadias.say(omar.id, "knock").await;

        assert_ne!(first["message"]["id"], second["message"]["id"]);
        assert_eq!(second["duplicate"], false);
        assert_eq!(omar.history_with(&nadia).await.len(), 2);
    }

    async fn a_post_is_claimed_once(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let mut nadias = nadia.connect().await;
        let posted = nadia.write(&conversation, "hello").await;
        nadias.expect("message_sent").await;

        let echoed = nadias.say(omar.id, "hello").await;
        let genuine = nadias.say(omar.id, "hello").await;

        assert_eq!(echoed["message"]["id"], posted["id"]);
        assert_ne!(genuine["message"]["id"], posted["id"]);
        assert_eq!(omar.history_with(&nadia).await.len(), 2);
    }

    async fn two_posts_have_two_echoes(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let mut nadias = nadia.connect().await;
        let posted = [
            nadia.write(&conversation, "hello").await["id"].clone(),
            nadia.write(&conversation, "hello").await["id"].clone(),
        ];
        nadias.drain().await;

        // Both at once, so that one transaction decides about them.
        nadias.send_message(omar.id, "hello").await;
        nadias.send_message(omar.id, "hello").await;

        let echoed = [
            nadias.expect("message_sent").await["message"]["id"].clone(),
            nadias.expect("message_sent").await["message"]["id"].clone(),
        ];
        assert_eq!(echoed, posted);
        assert_eq!(omar.history_with(&nadia).await.len(), 2);
    }

    async fn only_the_same_words_to_the_same_person_are_an_echo(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let paula = app.person("paula").await;
        let conversation = nadia.conversation_with(&omar).await;
        let mut nadias = nadia.connect().await;
        let posted = nadia.write(&conversation, "hello").await["id"].clone();
        nadias.drain().await;

        nadias.send(json!({
            "type": "message", "recipient_id": omar.id, "text": "hello", "reply_to_id": posted,
        })).await;
        let answer = nadias.expect("message_sent").await;
        let others = [
            answer,
            nadias.say(paula.id, "hello").await,
            nadias.say(omar.id, "hello!").await,
            omar.connect().await.say(nadia.id, "hello").await,
        ];

        for other in others {
            assert_ne!(other["message"]["id"], posted, "{other}");
        }
        assert_eq!(omar.history_with(&nadia).await.len(), 4);
    }

    async fn a_client_id_replaces_guessing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let path = format!("/api/messaging/conversations/{conversation}/messages/");
        let mut nadias = nadia.connect().await;

        // The post has one: its repeat without one is a new message.
        nadia.post(&path, json!({"content": "one", "client_id": "c-1"})).await.ok();
        nadias.expect("message_sent").await;
        nadias.say(omar.id, "one").await;
        // The frame has one: it is no echo of the post without one.
        nadia.write(&conversation, "two").await;
        nadias.expect("message_sent").await;
        nadias.send(json!({
            "type": "message", "recipient_id": omar.id, "text": "two", "client_id": "c-2",
        })).await;
        assert_eq!(nadias.expect("message_sent").await["duplicate"], false);

        let texts: Vec<_> =
            omar.history_with(&nadia).await.iter().map(|message| message["text"].clone()).collect();
        assert_eq!(texts, ["one", "one", "two", "two"]);
    }

    async fn an_initial_message_has_no_echo(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;
        let body = json!({"target_user_id": omar.id, "initial_message": "hello"});
        nadia.post("/api/messaging/conversations/", body).await.ok();
        nadias.expect("message_sent").await;

        nadias.say(omar.id, "hello").await;

        assert_eq!(omar.history_with(&nadia).await.len(), 2);
    }
}
