//! Pages of history: the newest first, ascending inside (contract §5.1).

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    helpers::{Answer, Person, Site},
    on_both_databases,
};

/// A conversation of so many messages.
async fn conversation_of(nadia: &Person, omar: &Person, messages: i64) -> String {
    let id = nadia.conversation_with(omar).await;
    let mut socket = nadia.connect_v2().await;
    for place in 1..=messages {
        socket.send_message(omar.id, &format!("message {place}")).await;
    }
    for _ in 0..messages {
        socket.receive_type("message_sent").await;
    }
    id
}

fn seqs(page: &Value) -> Vec<i64> {
    let messages = page["results"].as_array().unwrap();
    messages.iter().map(|message| message["seq"].as_i64().unwrap()).collect()
}

async fn follow(site: &Site, person: &Person, link: &Value) -> Value {
    let link = link.as_str().unwrap();
    let path = link.strip_prefix(&site.url("")).unwrap_or_else(|| panic!("{link}"));
    Answer::of(site.request(Method::GET, path).bearer_auth(&person.access)).await.ok()
}

on_both_databases! {
    async fn the_first_page_holds_the_newest_fifty(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = conversation_of(&nadia, &omar, 60).await;

        for path in [
            format!("/api/messaging/conversations/{id}/messages/"),
            format!("/api/messaging/conversations/{id}/messages/?page=1"),
            format!("/api/messaging/messages/?user_id={}", nadia.id),
            format!("/api/messages/?user_id={}", nadia.id),
        ] {
            let page = omar.get(&path).await.ok();
            assert_eq!(seqs(&page), (11..=60).collect::<Vec<_>>(), "{path}");
            assert_eq!((&page["count"], &page["has_more"]), (&json!(60), &json!(true)), "{path}");
            assert_eq!(page["previous"], Value::Null, "{path}");
            let older = follow(app, &omar, &page["next"]).await;
            assert_eq!(seqs(&older), (1..=10).collect::<Vec<_>>(), "{path}");
            assert_eq!((&older["next"], &older["has_more"]), (&json!(null), &json!(false)));
            let newer = follow(app, &omar, &older["previous"]).await;
            assert_eq!(seqs(&newer), seqs(&page), "{path}");
        }
    }

    async fn links_lead_through_all_of_it(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = conversation_of(&nadia, &omar, 23).await;

        for path in [
            format!("/api/messaging/conversations/{id}/messages/?page_size=5"),
            format!("/api/messaging/conversations/{id}/messages/?limit=5"),
            format!("/api/messaging/conversations/{id}/messages/?page_size=5&before=24"),
            format!("/api/messages/?user_id={}&page_size=5", nadia.id),
        ] {
            let mut page = omar.get(&path).await.ok();
            let mut found = vec![seqs(&page)];
            while page["next"] != Value::Null {
                page = follow(app, &omar, &page["next"]).await;
                found.push(seqs(&page));
            }
            let found: Vec<_> = found.into_iter().rev().flatten().collect();
            assert_eq!(found, (1..=23).collect::<Vec<_>>(), "{path}");
        }
    }

    async fn before_names_a_message_by_its_id_or_its_number(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = conversation_of(&nadia, &omar, 10).await;
        let path = format!("/api/messaging/conversations/{id}/messages/?page_size=3&before=");
        let sixth = omar.history_with(&nadia).await[5]["id"].as_str().unwrap().to_owned();

        for before in ["6", &sixth] {
            let page = omar.get(&format!("{path}{before}")).await.ok();
            assert_eq!(seqs(&page), [3, 4, 5]);
            assert_eq!((&page["count"], &page["has_more"]), (&json!(10), &json!(true)));
        }
        assert_eq!(seqs(&omar.get(&format!("{path}1")).await.ok()), Vec::<i64>::new());

        let invalid = json!({"before": ["Must be the id or the seq of a message."]});
        let elsewhere = app.person("paula").await.connect().await.say(omar.id, "x").await;
        let elsewhere = elsewhere["message"]["id"].as_str().unwrap();
        for before in ["x", "00000000-0000-4000-8000-000000000000", elsewhere] {
            omar.get(&format!("{path}{before}")).await.is(400, &invalid);
        }
    }

    async fn a_page_that_does_not_exist_is_invalid(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = conversation_of(&nadia, &omar, 3).await;
        let path = format!("/api/messaging/conversations/{id}/messages/");

        for page in ["0", "-1", "x", "", "2", "99999999999999999999", "9223372036854775807"] {
            let answer = omar.get(&format!("{path}?page={page}")).await;
            answer.is(404, &json!({"detail": "Invalid page."}));
        }
        for size in ["0", "-1", "x"] {
            let answer = omar.get(&format!("{path}?page_size={size}")).await;
            answer.is(400, &json!({"page_size": ["A positive integer is required."]}));
        }
    }

    async fn a_page_is_never_larger_than_allowed(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = conversation_of(&nadia, &omar, 105).await;

        let path = format!("/api/messaging/conversations/{id}/messages/?page_size=1000000");

        assert_eq!(seqs(&omar.get(&path).await.ok()), (6..=105).collect::<Vec<_>>());
    }

    async fn an_empty_conversation_has_one_empty_page(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let stranger = format!("/api/messaging/messages/?user_id={}", omar.id);
        let myself = format!("/api/messages/?user_id={}", nadia.id);
        let nothing = json!({
            "messages": [], "results": [], "count": 0, "next": null, "previous": null,
            "has_more": false, "conversation_id": null,
        });
        nadia.get(&stranger).await.is(200, &nothing);
        nadia.get(&myself).await.is(200, &nothing);

        let id = nadia.conversation_with(&omar).await;

        let mut empty = nothing.clone();
        empty["conversation_id"] = json!(id);
        nadia.get(&stranger).await.is(200, &empty);
        let page = nadia.get(&format!("/api/messaging/conversations/{id}/messages/")).await;
        page.is(200, &json!({
            "count": 0, "next": null, "previous": null, "has_more": false, "results": [],
        }));
    }

    async fn history_with_somebody_needs_somebody(app) {
        let nadia = app.person("nadia").await;
        let required = json!({"error": "user_id parameter required"});
        let integer = json!({"error": "user_id must be an integer"});
        let unknown = json!({"error": "User not found"});
        for base in ["/api/messaging/messages/", "/api/messages/", "/api/messages"] {
            nadia.get(base).await.is(400, &required);
            nadia.get(&format!("{base}?user_id=")).await.is(400, &required);
            nadia.get(&format!("{base}?user_id=nine")).await.is(400, &integer);
            nadia.get(&format!("{base}?user_id=404404")).await.is(404, &unknown);
        }
    }

    async fn messages_and_results_are_the_same(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        conversation_of(&nadia, &omar, 2).await;

        let page = omar.get(&format!("/api/messages/?user_id={}", nadia.id)).await.ok();

        assert_eq!(page["messages"], page["results"]);
        assert_eq!(page["messages"][1]["content"], "message 2");
    }
}
