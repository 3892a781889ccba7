//! Unread counts (contract §5.1).

use serde_json::json;

use crate::on_both_databases;

on_both_databases! {
    async fn unread_messages_are_counted_in_total_and_by_person(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let paula = app.person("paula").await;
        let (mut nadias, mut paulas) = (nadia.connect().await, paula.connect().await);
        for _ in 0..3 {
            nadias.say(omar.id, "from nadia").await;
        }
        paulas.say(omar.id, "from paula").await;

        let total = omar.get("/api/messaging/unread-count/").await;

        total.is(200, &json!({"unread_count": 4}));
        for (person, unread) in [(&nadia, 3), (&paula, 1), (&omar, 0)] {
            for base in ["/api/messaging/messages/user/", "/api/messages/user/"] {
                for end in ["/unread/", "/unread"] {
                    let answer = omar.get(&format!("{base}{}{end}", person.id)).await;
                    answer.is(200, &json!({"unread_count": unread}));
                }
            }
        }
        assert_eq!(nadia.unread().await, 0);
    }

    async fn reading_one_conversation_leaves_the_others(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let paula = app.person("paula").await;
        nadia.connect().await.say(omar.id, "from nadia").await;
        paula.connect().await.say(omar.id, "from paula").await;
        let id = omar.conversation_with(&nadia).await;

        omar.post(&format!("/api/messaging/conversations/{id}/mark-read/"), json!({})).await.ok();

        assert_eq!(omar.unread().await, 1);
        let path = format!("/api/messages/user/{}/unread/", nadia.id);
        omar.get(&path).await.is(200, &json!({"unread_count": 0}));
    }

    async fn an_unknown_person_is_not_found(app) {
        let nadia = app.person("nadia").await;

        let unknown = nadia.get("/api/messaging/messages/user/404404/unread/").await;
        let no_number = nadia.get("/api/messaging/messages/user/nine/unread/").await;

        unknown.is(404, &json!({"error": "User not found"}));
        no_number.is(404, &json!({"detail": "Not found."}));
    }
}
