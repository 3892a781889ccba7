//! `POST conversations/` and its old spellings (contract §5.1).

use serde_json::{Value, json};

use crate::on_both_databases;

const PATHS: [&str; 3] = [
    "/api/messaging/conversations/",
    "/api/messaging/conversations/create/",
    "/api/messaging/conversations/legacy/",
];

const INTEGER: &str = "A valid integer is required.";
const SELF: &str = "You cannot start a conversation with yourself.";

on_both_databases! {
    async fn the_other_person_is_named_in_many_ways(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let first = nadia.post(PATHS[0], json!({"target_user_id": omar.id})).await;
        assert_eq!(first.status, 201);
        let id = first.ok()["id"].clone();

        for path in PATHS {
            for body in [
                json!({"target_user_id": omar.id}),
                json!({"target_user_id": omar.id.to_string()}),
                json!({"participant_id": omar.id}),
                json!({"participant_username": "omar"}),
                json!({"recipient_username": "omar"}),
                json!({"participant_username": "omar", "initial_message": null}),
                json!({"participant_username": "omar", "initial_message": "  "}),
            ] {
                let again = nadia.post(path, body.clone()).await;
                assert_eq!((again.status, &again.body["id"]), (200, &id), "{path} {body}");
            }
        }
        let other_side = omar.post(PATHS[0], json!({"target_user_id": nadia.id})).await;
        assert_eq!((other_side.status, &other_side.body["id"]), (200, &id));
        assert_eq!(omar.history_with(&nadia).await, Vec::<Value>::new());
    }

    /// Contract §5.3: what the old screens read, some of it unasked.
    async fn a_new_conversation_is_shown_with_everything_around_it(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);

        let shown = nadia.post(PATHS[0], json!({"target_user_id": omar.id})).await.ok();

        assert_eq!(shown["conversation_id"], shown["id"]);
        for place in ["other_participant", "participant", "partner"] {
            assert_eq!(shown[place]["id"], omar.id, "{place}");
            assert_eq!(shown[place]["username"], "omar", "{place}");
        }
        let members: Vec<_> =
            shown["participants"].as_array().unwrap().iter().map(|p| p["id"].clone()).collect();
        assert_eq!(members, [nadia.id, omar.id].map(Value::from));
        assert_eq!(shown["latest_message"], Value::Null);
        for (name, value) in [
            ("id", json!(null)),
            ("content", json!("")),
            ("text", json!("")),
            ("timestamp", shown["created_at"].clone()),
            ("created_at", shown["created_at"].clone()),
            ("sender", json!({"id": null, "username": ""})),
        ] {
            assert_eq!(shown["lastMessage"].get(name), Some(&value), "{name}");
        }
        for name in ["unread_count", "unreadCount", "last_seq", "rev", "read_seq"] {
            assert_eq!(shown[name], 0, "{name}");
        }
        assert_eq!(shown["last_activity"], shown["created_at"]);
    }

    async fn an_initial_message_is_sent_live(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut omars = omar.connect_v2().await;
        let body = json!({"participant_username": "omar", "initial_message": " hello "});

        let shown = nadia.post(PATHS[1], body.clone()).await;

        assert_eq!(shown.status, 201);
        let heard = omars.expect("new_message").await["message"].clone();
        assert_eq!(heard["text"], "hello");
        assert_eq!(heard["recipient"]["id"], omar.id);
        assert_eq!(shown.body["latest_message"]["id"], heard["id"]);
        assert_eq!(shown.body["lastMessage"]["content"], "hello");
        assert_eq!(omar.unread().await, 1);
        // Into a conversation that exists it goes as well.
        let again = nadia.post(PATHS[1], body).await;
        assert_eq!((again.status, &again.body["last_seq"]), (200, &json!(2)));
    }

    async fn every_wrong_body_has_its_text(app) {
        let nadia = app.person("nadia").await;
        let required = json!({"participant_username": ["This field is required."]});
        let nobody = "User with username 'nobody' does not exist.";
        let nobody = json!({"participant_username": [nobody]});
        let myself = json!({"participant_username": [SELF]});
        for (body, status, answer) in [
            (json!({}), 400, required.clone()),
            (json!({"target_user_id": null}), 400, required),
            (json!({"target_user_id": "nine"}), 400, json!({"target_user_id": [INTEGER]})),
            (json!({"target_user_id": 1.5}), 400, json!({"target_user_id": [INTEGER]})),
            (json!({"participant_id": [9]}), 400, json!({"participant_id": [INTEGER]})),
            (json!({"target_user_id": nadia.id}), 400, json!({"target_user_id": [SELF]})),
            (json!({"target_user_id": 404_404}), 404, json!({"error": "User not found"})),
            (json!({"participant_username": "nobody"}), 400, nobody),
            (json!({"participant_username": "nadia"}), 400, myself),
            (
                json!({"participant_username": ""}),
                400,
                json!({"participant_username": ["This field may not be blank."]}),
            ),
            (
                json!({"participant_username": null}),
                400,
                json!({"participant_username": ["This field may not be null."]}),
            ),
            (
                json!({"participant_username": 5}),
                400,
                json!({"participant_username": ["Not a valid string."]}),
            ),
            // The old Messages page shows its alert on 404, and needs the name as it is written.
            (json!({"recipient_username": "nobody"}), 404, json!({"error": "User not found"})),
            (json!({"recipient_username": "Nadia"}), 404, json!({"error": "User not found"})),
            (json!({"recipient_username": "a\u{0}"}), 404, json!({"error": "User not found"})),
        ] {
            for path in PATHS {
                let given = nadia.post(path, body.clone()).await;
                assert_eq!((given.status, &given.body), (status, &answer), "{path} {body}");
            }
        }
        assert_eq!(app.database.number("SELECT count(*) FROM conversations").await, 0);
    }

    async fn a_wrong_initial_message_makes_no_conversation(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        for (text, error) in [
            (json!(5), "Not a valid string."),
            (json!("a\u{0}b"), "Null characters are not allowed."),
            (json!("x".repeat(8001)), "Message content is too long (max 8000 characters)."),
        ] {
            let body = json!({"target_user_id": omar.id, "initial_message": text});
            let answer = nadia.post(PATHS[0], body).await;
            answer.is(400, &json!({"initial_message": [error]}));
        }
        assert_eq!(app.database.number("SELECT count(*) FROM conversations").await, 0);
    }
}
