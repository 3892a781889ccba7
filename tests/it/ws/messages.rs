//! Sending and receiving messages.

use serde_json::{Value, json};

use crate::on_both_databases;

on_both_databases! {
    /// Contract §2.4 and appendix A.1.
    async fn a_message_reaches_its_recipient_and_is_confirmed(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect().await, omar.connect().await);

        nadias.send_message(omar.id, "  lunch?  ").await;

        let heard = omars.expect("new_message").await["message"].clone();
        assert_eq!(omars.expect("message").await["message"], heard);
        let delivered = nadias.expect("message_delivered").await;
        let sent = nadias.expect("message_sent").await;
        assert_eq!(heard["text"], "lunch?");
        assert_eq!((&heard["seq"], &heard["rev"]), (&json!(1), &json!(1)));
        assert_eq!(delivered["message_id"], heard["id"]);
        assert_eq!(delivered["delivered_to"], "omar");
        assert_eq!(sent["message"], heard);
        assert_eq!(sent["duplicate"], false);
        assert_eq!(omar.history_with(&nadia).await[0]["id"], heard["id"]);
    }

    /// Contract §5.2: every field an existing client reads.
    async fn a_message_object_is_the_same_everywhere(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect().await, omar.connect_v2().await);

        nadias.send_message(omar.id, "hi").await;
        let message = omars.expect("new_message").await["message"].clone();

        for (name, value) in [
            ("conversation", &message["conversation_id"]),
            ("content", &json!("hi")),
            ("text", &json!("hi")),
            ("body", &json!("hi")),
            ("timestamp", &message["created_at"]),
            ("updated_at", &message["created_at"]),
            ("is_edited", &json!(false)),
            ("edited_at", &json!(null)),
            ("is_deleted", &json!(false)),
            ("reply_to", &json!(null)),
            ("reply_to_id", &json!(null)),
            ("is_read", &json!(false)),
            ("is_delivered", &json!(true)),
            ("read_by_users", &json!([])),
            ("delivered_to", &json!(["omar"])),
            ("reactions", &json!([])),
            ("reaction_counts", &json!({})),
            ("client_id", &json!(null)),
        ] {
            assert_eq!(message.get(name), Some(value), "{name} of {message}");
        }
        for (person, place) in [(&nadia, "sender"), (&omar, "recipient")] {
            let shown = &message[place];
            assert_eq!(shown["id"], person.id, "{message}");
            assert_eq!(shown["username"], *person.username, "{message}");
            assert_eq!(shown["full_name"], *person.username, "{message}");
            assert_eq!(shown.get("email"), None, "{message}");
        }
        let at = message["created_at"].as_str().unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(at).is_ok(), "{at}");
        assert_eq!(nadia.history_with(&omar).await[0]["content"], "hi");
    }

    async fn names_of_the_recipient_and_of_the_text_have_alternatives(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut socket = nadia.connect().await;
        let conversation = nadia.conversation_with(&omar).await;
        socket.expect("conversation_shown").await;

        for (place, target) in [
            ("recipient_id", json!(omar.id.to_string())),
            ("recipient_id", json!(format!(" {} ", omar.id))),
            ("conversation_id", json!(conversation)),
        ] {
            socket.send(json!({"type": "message", place: target, "content": "hi"})).await;
            let sent = socket.expect("message_sent").await;
            assert_eq!(sent["message"]["conversation_id"], *conversation);
            assert_eq!(sent["message"]["recipient"]["id"], omar.id);
        }
        assert_eq!(omar.history_with(&nadia).await.len(), 3);
    }

    async fn numbers_and_order_are_the_same_for_both_sides(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);

        for turn in 1..=6 {
            let (speaker, listener) =
                if turn % 2 == 0 { (&mut nadias, omar.id) } else { (&mut omars, nadia.id) };
            let sent = speaker.say(listener, &format!("turn {turn}")).await;
            assert_eq!((&sent["message"]["seq"], &sent["rev"]), (&json!(turn), &json!(turn)));
            assert_eq!(sent["prev_rev"], turn - 1);
        }

        let seen = |history: &[Value]| -> Vec<_> {
            history.iter().map(|message| (message["seq"].clone(), message["id"].clone())).collect()
        };
        let history = seen(&nadia.history_with(&omar).await);
        assert_eq!(history, seen(&omar.history_with(&nadia).await));
        let seqs: Vec<_> = history.into_iter().map(|(seq, _id)| seq).collect();
        assert_eq!(seqs, [1, 2, 3, 4, 5, 6].map(Value::from));
    }

    async fn any_text_within_the_limit_arrives_unchanged(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);

        for text in [
            "é".repeat(8000),
            "👩‍👩‍👧 \u{202e}right to left\u{202c} \u{7f}".to_owned(),
            "<script>alert('x')</script> \"quoted\" \\ back".to_owned(),
            "two\nlines\tand a tab".to_owned(),
            "'; DROP TABLE messages; --".to_owned(),
        ] {
            nadias.say(omar.id, &text).await;
            assert_eq!(omars.expect("new_message").await["message"]["text"], *text);
        }
        assert_eq!(omar.history_with(&nadia).await.len(), 5);
    }
}
