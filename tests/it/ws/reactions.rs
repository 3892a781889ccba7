//! Reactions over WebSocket and REST (contract §2.5, §5.1, appendix A.3).

use reqwest::Method;
use serde_json::{Value, json};

use crate::{helpers::Socket, on_both_databases};

/// The next `reaction_update` with its reactions as (user, reaction).
async fn update(socket: &mut Socket) -> (Value, Vec<(String, String)>) {
    let event = socket.expect("reaction_update").await;
    let reactions = event["reactions"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let reactions = reactions
        .iter()
        .map(|reaction| (text(&reaction["user"]["username"]), text(&reaction["reaction_type"])))
        .collect();
    (event, reactions)
}

fn one(user: &str, reaction: &str) -> Vec<(String, String)> {
    vec![(user.to_owned(), reaction.to_owned())]
}

on_both_databases! {
    async fn both_sides_see_a_reaction_come_change_and_go(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let id = nadias.say(omar.id, "lunch?").await["message"]["id"].clone();
        omars.expect("new_message").await;

        for (frame, expected, added) in [
            (json!({"type": "add_reaction", "message_id": id, "reaction": "👍"}), one("omar", "👍"), true),
            (json!({"type": "add_reaction", "message_id": id, "reaction_type": "❤️"}), one("omar", "❤️"), true),
            (json!({"type": "react", "message_id": id, "reaction": "like"}), one("omar", "like"), true),
            (json!({"type": "react", "message_id": id, "reaction": "like"}), vec![], false),
            (json!({"type": "add_reaction", "message_id": id, "reaction": "👍"}), one("omar", "👍"), true),
            (json!({"type": "remove_reaction", "message_id": id, "reaction": "x"}), vec![], false),
        ] {
            omars.send(frame.clone()).await;

            let (theirs, reactions) = update(&mut omars).await;
            assert_eq!(reactions, expected, "{frame}");
            assert_eq!(theirs["added"], added, "{frame}");
            let (ours, _) = update(&mut nadias).await;
            assert_eq!(ours, theirs);
            assert_eq!(ours["user_id"], omar.id);
        }
    }

    async fn what_changes_nothing_is_told_to_nobody(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let id = nadias.say(omar.id, "lunch?").await["message"]["id"].clone();
        omars.send(json!({"type": "add_reaction", "message_id": id, "reaction": "👍"})).await;
        update(&mut nadias).await;

        omars.send(json!({"type": "add_reaction", "message_id": id, "reaction": "👍"})).await;
        omars.receive_type("reaction_update").await;
        assert_eq!(omars.drained_types().await, Vec::<String>::new());
        omars.send(json!({"type": "remove_reaction", "message_id": id, "reaction": "👍"})).await;
        omars.expect("reaction_update").await;
        omars.send(json!({"type": "remove_reaction", "message_id": id, "reaction": "👍"})).await;

        assert_eq!(omars.drained_types().await, Vec::<String>::new());
        assert_eq!(nadias.drained_types().await, ["reaction_update"]);
    }

    async fn malformed_and_foreign_reactions_are_refused(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let zoe = app.person("zoe").await;
        let mut nadias = nadia.connect_v2().await;
        let id = nadias.say(omar.id, "lunch?").await["message"]["id"].clone();
        let mut zoes = zoe.connect_v2().await;

        let required = "message_id and reaction/reaction_type are required";
        for (frame, text) in [
            (json!({"type": "add_reaction"}), required),
            (json!({"type": "react", "message_id": id}), required),
            (json!({"type": "remove_reaction", "message_id": id}), required),
            (json!({"type": "react", "message_id": "x", "reaction": "👍"}), "Message not found"),
            (json!({"type": "react", "message_id": id, "reaction": "👍"}), "Message not found"),
            (
                json!({"type": "react", "message_id": id, "reaction": "far too long a word"}),
                "A reaction must be an emoji or a word of at most 10 characters.",
            ),
        ] {
            assert_eq!(zoes.refused(frame.clone()).await, text, "{frame}");
        }
        let path = format!("/api/messaging/messages/{}/reactions/", id.as_str().unwrap());
        assert_eq!(zoe.post(&path, json!({"reaction": "👍"})).await.status, 404);
        assert_eq!(nadia.history_with(&omar).await[0]["reactions"], json!([]));
    }

    async fn reactions_work_over_rest_with_both_names_and_both_verbs(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        let id = nadias.say(omar.id, "lunch?").await["message"]["id"].clone();
        let path = format!("/api/messaging/messages/{}/reactions/", id.as_str().unwrap());
        let remove = format!("{path}remove/");

        let added = omar.post(&path, json!({"reaction_type": "👍"})).await;
        assert_eq!((added.status, &added.body["message"]), (200, &json!("Reaction added successfully")));
        assert_eq!(added.body["reaction"]["reaction_type"], "👍");
        assert_eq!(added.body["reaction"]["user"]["username"], "omar");
        let updated = omar.post(&path, json!({"reaction": "❤️"})).await.ok();
        assert_eq!(updated["message"], "Reaction updated successfully");
        let shown = &nadia.history_with(&omar).await[0];
        assert_eq!(shown["reaction_counts"], json!({"❤️": 1}));

        let removed = omar.request(Method::DELETE, &remove, None).await.ok();
        assert_eq!(removed, json!({"status": "success", "message": "Reaction removed successfully"}));
        let none = omar.request(Method::POST, &remove, None).await;
        assert_eq!((none.status, none.body), (404, json!({"error": "No reaction found to remove"})));
        let missing = omar.post(&path, json!({})).await;
        assert_eq!((missing.status, missing.body), (400, json!({"error": "reaction_type is required"})));
        assert_eq!(nadias.drained_types().await, ["reaction_update"; 3]);
    }
}
