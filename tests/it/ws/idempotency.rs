//! A send with a `client_id` can be repeated: it is stored once and answered as the first time.

use serde_json::{Value, json};

use crate::on_both_databases;

fn send(recipient: i64, text: &str, client_id: &str) -> Value {
    json!({"type": "message", "recipient_id": recipient, "text": text, "client_id": client_id})
}

on_both_databases! {
    async fn a_repeat_is_answered_with_the_message_of_the_first_time(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        nadias.send(send(omar.id, "once", "c-1")).await;
        let first = nadias.receive_type("message_sent").await;
        omars.expect("new_message").await;

        nadias.send(send(omar.id, "once, edited on the way", "c-1")).await;
        nadias.expect("message_delivered").await;
        let repeat = nadias.expect("message_sent").await;

        assert_eq!((&first["client_id"], &first["duplicate"]), (&json!("c-1"), &json!(false)));
        assert_eq!((&repeat["client_id"], &repeat["duplicate"]), (&json!("c-1"), &json!(true)));
        assert_eq!(repeat["message"]["id"], first["message"]["id"]);
        assert_eq!(repeat["message"]["text"], "once");
        assert_eq!(repeat["message"]["client_id"], "c-1");
        assert_eq!(omars.drain().await, Vec::<Value>::new());
        assert_eq!(omar.history_with(&nadia).await.len(), 1);
    }

    async fn a_repeat_is_answered_to_its_asker_alone(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut asking, mut other) = (nadia.connect().await, nadia.connect().await);
        asking.send(send(omar.id, "once", "c-1")).await;
        asking.expect("message_sent").await;
        other.expect("message_sent").await;

        asking.send(send(omar.id, "once", "c-1")).await;
        asking.expect("message_sent").await;

        assert_eq!(other.drain().await, Vec::<Value>::new());
    }

    async fn the_same_client_id_of_two_people_means_two_messages(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);

        nadias.send(send(omar.id, "from nadia", "c-1")).await;
        nadias.receive_type("message_sent").await;
        omars.send(send(nadia.id, "from omar", "c-1")).await;

        assert_eq!(omars.receive_type("message_sent").await["duplicate"], false);
        assert_eq!(omar.history_with(&nadia).await.len(), 2);
    }

    async fn the_same_client_id_on_two_sockets_at_once_is_one_message(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut one, mut two) = (nadia.connect().await, nadia.connect().await);

        for round in 0..10 {
            let client_id = format!("c-{round}");
            tokio::join!(
                one.send(send(omar.id, "at once", &client_id)),
                two.send(send(omar.id, "at once", &client_id)),
            );
            // Each socket hears of the message itself, and one of them of the repeat as well.
            let mut heard = vec![];
            while heard.len() < 3 {
                heard.push(tokio::select! {
                    event = one.expect("message_sent") => event,
                    event = two.expect("message_sent") => event,
                });
            }
            let repeats = heard.iter().filter(|sent| sent["duplicate"] == true).count();
            assert_eq!(repeats, 1, "{heard:?}");
            for sent in &heard {
                assert_eq!(sent["message"]["id"], heard[0]["message"]["id"]);
            }
        }
        assert_eq!(omar.history_with(&nadia).await.len(), 10);
    }

    async fn rest_and_websocket_share_client_ids(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let path = format!("/api/messaging/conversations/{conversation}/messages/");
        let mut nadias = nadia.connect().await;

        let posted = nadia.post(&path, json!({"content": "once", "client_id": "c-1"})).await;
        let stored = nadias.expect("message_sent").await;
        nadias.send(send(omar.id, "once", "c-1")).await;
        let repeat = nadias.expect("message_sent").await;
        let reposted = nadia.post(&path, json!({"content": "once", "client_id": "c-1"})).await;

        assert_eq!((posted.status, reposted.status), (201, 200));
        assert_eq!(posted.body["duplicate"], false);
        assert_eq!(reposted.body["duplicate"], true);
        for id in [&stored["message"]["id"], &repeat["message"]["id"], &reposted.body["id"]] {
            assert_eq!(*id, posted.body["id"]);
        }
        assert_eq!(repeat["duplicate"], true);
        assert_eq!(omar.history_with(&nadia).await.len(), 1);
    }

    async fn twenty_racing_repeats_are_one_message(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let path = format!("/api/messaging/conversations/{conversation}/messages/");
        let body = json!({"content": "once", "client_id": "c-1"});

        let racing = (0..20).map(|_| nadia.post(&path, body.clone()));
        let answers = futures_util::future::join_all(racing).await;

        let created = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(created, 1, "{answers:?}");
        for answer in answers {
            assert_eq!(answer.ok()["seq"], 1);
        }
        assert_eq!(omar.history_with(&nadia).await.len(), 1);
    }
}
