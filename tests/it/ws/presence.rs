//! Who is told who is online (contract §2.1, §2.3, §2.5).

use serde_json::{Value, json};

use crate::on_both_databases;

on_both_databases! {
    async fn peers_are_told_who_comes_and_goes(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.conversation_with(&omar).await;
        let mut nadias = nadia.connect().await;

        let omars = omar.connect().await;
        let came = nadias.receive_status().await;
        omars.close().await;
        let went = nadias.receive_status().await;

        assert_eq!((&came["user_id"], &came["username"]), (&json!(omar.id), &json!("omar")));
        assert_eq!((&came["is_online"], &came["status"]), (&json!(true), &json!("online")));
        assert!(came["last_seen"].is_string() && came["last_active"].is_string(), "{came}");
        assert_eq!((&went["is_online"], &went["status"]), (&json!(false), &json!("offline")));
        assert_eq!(went["last_seen"], Value::Null);
        assert!(went["last_active"].is_string(), "{went}");
    }

    async fn a_new_connection_is_told_who_is_online(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.conversation_with(&omar).await;
        let _omars = omar.connect().await;

        let mut nadias = nadia.connect().await;

        let status = nadias.receive_status().await;
        assert_eq!((&status["user_id"], &status["is_online"]), (&json!(omar.id), &json!(true)));
    }

    async fn several_tabs_count_as_one(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.conversation_with(&omar).await;
        let mut nadias = nadia.connect().await;
        let (one, other) = (omar.connect().await, omar.connect().await);
        assert_eq!(nadias.receive_status().await["is_online"], true);

        one.close().await;
        other.close().await;

        // Nothing lies between the first tab coming and the last one going.
        assert_eq!(nadias.receive_status().await["is_online"], false);
    }

    async fn the_first_message_makes_peers(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;
        let omars = omar.connect().await;
        nadias.say(omar.id, "hello").await;

        omars.close().await;

        let went = nadias.receive_status().await;
        assert_eq!((&went["user_id"], &went["is_online"]), (&json!(omar.id), &json!(false)));
    }

    async fn strangers_are_told_nothing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let zoe = app.person("zoe").await;
        nadia.conversation_with(&omar).await;
        let (mut zoes, mut nadias) = (zoe.connect().await, nadia.connect().await);

        let omars = omar.connect().await;
        nadias.receive_status().await;
        omars.close().await;
        nadias.receive_status().await;

        assert_eq!(zoes.drain_with_statuses().await, Vec::<Value>::new());
        let status = format!("/api/messaging/users/{}/status/", omar.id);
        assert_eq!(zoe.get(&status).await.status, 404);
        assert_eq!(zoe.get("/api/messaging/users/404404/status/").await.status, 404);
    }

    async fn a_status_can_be_asked_for(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.conversation_with(&omar).await;
        let path = format!("/api/messaging/users/{}/status/", omar.id);
        let mut nadias = nadia.connect().await;
        let omars = omar.connect().await;
        nadias.receive_status().await;

        let online = nadia.get(&path).await.ok();
        omars.close().await;
        nadias.receive_status().await;
        let offline = nadia.get(&path).await.ok();

        assert_eq!((&online["is_online"], &online["status"]), (&json!(true), &json!("online")));
        assert!(online["last_seen"].is_string(), "{online}");
        assert_eq!((&offline["is_online"], &offline["last_seen"]), (&json!(false), &Value::Null));
    }

    /// Contract §2.4: the receipt of a message comes when its recipient does.
    async fn messages_are_reported_as_delivered_when_their_recipient_comes(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        let first = nadias.say(omar.id, "one").await["message"]["id"].clone();
        let second = nadias.say(omar.id, "two").await["message"]["id"].clone();

        let _omars = omar.connect().await;

        for id in [first, second] {
            let delivered = nadias.expect("message_delivered").await;
            assert_eq!((&delivered["message_id"], &delivered["delivered_to"]), (&id, &json!("omar")));
        }
        let shown = nadia.history_with(&omar).await;
        assert_eq!(shown[1]["delivered_to"], json!(["omar"]));
        // Only once.
        let _second_tab = omar.connect().await;
        assert_eq!(nadias.drained_types().await, Vec::<String>::new());
    }
}
