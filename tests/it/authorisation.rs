//! Who may do what, as one table: a new route without a row fails here.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    helpers::{Answer, Person, TestApp},
    on_both_databases,
};

/// What an operation is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Conversation,
    Message,
}

/// Expected statuses for the author of the message, the other participant and everybody else.
/// Everybody else is: a stranger, staff who do not belong to the conversation.
struct Row {
    method: Method,
    path: &'static str,
    body: Value,
    about: About,
    author: u16,
    participant: u16,
}

const NOT_YOURS: u16 = 404;

fn table() -> Vec<Row> {
    use About::{Conversation, Message};
    let row = |method: Method, path, body, about, author, participant| Row {
        method,
        path,
        body,
        about,
        author,
        participant,
    };
    let (get, put, patch) = (Method::GET, Method::PUT, Method::PATCH);
    let (post, delete) = (Method::POST, Method::DELETE);
    let text = || json!({"content": "changed"});
    let like = || json!({"reaction": "like"});
    let conversation = "/api/messaging/conversations/{id}/";
    let messages = "/api/messaging/conversations/{id}/messages/";
    let message = "/api/messaging/messages/{id}/";
    let reactions = "/api/messaging/messages/{id}/reactions/";
    let remove = "/api/messaging/messages/{id}/reactions/remove/";
    let mark = "/api/messaging/conversations/{id}/mark-read/";
    let mark_some = "/api/messaging/conversations/{id}/mark-messages-read/";
    let start = "/api/messaging/conversations/{id}/typing/start/";
    let stop = "/api/messaging/conversations/{id}/typing/stop/";
    vec![
        row(get.clone(), conversation, json!({}), Conversation, 200, 200),
        row(put.clone(), conversation, json!({}), Conversation, 200, 200),
        row(patch.clone(), conversation, json!({}), Conversation, 200, 200),
        row(get.clone(), messages, json!({}), Conversation, 200, 200),
        row(post.clone(), messages, text(), Conversation, 201, 201),
        row(post.clone(), mark, json!({}), Conversation, 200, 200),
        row(post.clone(), mark_some, json!({"message_ids": []}), Conversation, 200, 200),
        row(post.clone(), start, json!({}), Conversation, 200, 200),
        row(post.clone(), stop, json!({}), Conversation, 200, 200),
        row(get, message, json!({}), Message, 200, 200),
        row(put, message, text(), Message, 200, 403),
        row(patch, message, text(), Message, 200, 403),
        row(post.clone(), reactions, like(), Message, 200, 200),
        // Nothing of theirs is there to be removed.
        row(delete.clone(), remove, json!({}), Message, 404, 404),
        row(post, remove, json!({}), Message, 404, 404),
        row(delete.clone(), message, json!({}), Message, 204, 204),
        row(delete, conversation, json!({}), Conversation, 204, 204),
    ]
}

/// Routes about nobody's property: open to all, or about the asker alone.
const OPEN: &[&str] = &[
    "/",
    "/api/",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/api/openapi.json",
    "/api/asyncapi.json",
    "/api/docs/",
    "/api/docs/{file}",
    "/api/auth/token/",
    "/api/auth/token/refresh/",
    "/api/users/",
];
const ABOUT_ONESELF: &[&str] = &[
    "/api/users/me/",
    "/api/profiles/my_profile/",
    "/api/users/username/{name}/",
    "/api/messaging/unread-count/",
    "/api/messaging/conversations/",
    "/api/messaging/conversations/create/",
    "/api/messaging/conversations/legacy/",
    "/api/messaging/messages/",
    "/api/messages/",
    "/api/messaging/messages/user/{id}/unread/",
    "/api/messages/user/{id}/unread/",
    "/api/messaging/users/{id}/status/",
];

/// Routes about people and what they are told; `people.rs` and `notifications.rs` ask each of them as
/// owner, stranger and nobody.
const ELSEWHERE: &[&str] = &["/api/follow/", "/api/notifications/", "/api/public-profiles/"];
const STAFF_ONLY: &[&str] = &["/api/users/{id}/"];

#[test]
fn every_route_has_its_row() {
    let in_table: BTreeSet<_> =
        table().iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    for (path, methods) in vikrahub_messaging::http::routes() {
        let is_listed = [OPEN, ABOUT_ONESELF, STAFF_ONLY].iter().any(|list| list.contains(&path));
        if is_listed || ELSEWHERE.iter().any(|base| path.starts_with(base)) {
            continue;
        }
        for method in methods {
            assert!(in_table.contains(&format!("{method} {path}")), "no row for {method} {path}");
        }
    }
}

async fn ask(person: &Person, row: &Row, id: &str) -> Answer {
    let body = (row.method != Method::GET).then(|| row.body.clone());
    person.request(row.method.clone(), &row.path.replace("{id}", id), body).await
}

/// Somebody who has been let in and is deactivated now.
async fn deactivated(app: &TestApp, username: &str) -> Person {
    let person = app.person(username).await;
    let sql = format!("UPDATE users SET is_active = false WHERE username = '{username}'");
    app.database.execute(&sql).await;
    // People are believed for two seconds.
    while person.get("/api/users/me/").await.status != 401 {}
    person
}

on_both_databases! {
    async fn conversations_and_messages_belong_to_their_members(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (zoe, root) = (app.person("zoe").await, app.person("root").await);
        let gone = deactivated(app, "gone").await;
        app.database.execute("UPDATE users SET is_staff = true WHERE username = 'root'").await;
        let conversation = nadia.conversation_with(&omar).await;
        let missing = "00000000-0000-7000-8000-000000000000";

        for row in table() {
            let operation = format!("{} {}", row.method, row.path);
            for (role, person, expected) in [
                ("author", &nadia, row.author),
                ("participant", &omar, row.participant),
                ("stranger", &zoe, NOT_YOURS),
                ("staff", &root, NOT_YOURS),
                ("deactivated", &gone, 401),
            ] {
                let message = nadia.write(&conversation, "a secret").await;
                let id = match row.about {
                    About::Conversation => conversation.clone(),
                    About::Message => message["id"].as_str().unwrap().to_owned(),
                };

                let answer = ask(person, &row, &id).await;
                let about_missing = ask(person, &row, missing).await;

                assert_eq!(answer.status, expected, "{operation} as {role}: {}", answer.body);
                if !matches!(role, "author" | "participant") {
                    let told_apart = (answer.status, &answer.body);
                    let missing = (about_missing.status, &about_missing.body);
                    assert_eq!(told_apart, missing, "{operation} as {role} tells what exists");
                    assert!(!answer.body.to_string().contains("secret"), "{operation} as {role}");
                }
            }
            let path = row.path.replace("{id}", &conversation);
            let anonymous = Answer::of(app.request(row.method.clone(), &path)).await;
            assert_eq!(anonymous.status, 401, "{operation} as nobody");
        }
    }

    async fn nobody_hears_of_what_is_not_his_without_a_token(app) {
        for path in ABOUT_ONESELF {
            let path = path.replace("{id}", "1").replace("{name}", "nadia");

            let answer = app.get(&path).await;

            // What can only be posted says so first.
            assert!(matches!(answer.status, 401 | 405), "{path}: {}", answer.status);
        }
    }

    async fn frames_about_foreign_things_are_answered_like_frames_about_missing_ones(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut zoes = app.person("zoe").await.connect_v2().await;
        let conversation = nadia.conversation_with(&omar).await;
        let message = nadia.write(&conversation, "a secret").await["id"].clone();
        let missing = "00000000-0000-7000-8000-000000000000";

        for (frame, foreign, text) in [
            (json!({"type": "mark_read"}), ("message_id", message.clone()), "Message not found"),
            (
                json!({"type": "mark_read"}),
                ("conversation_id", json!(conversation)),
                "Conversation not found",
            ),
            (
                json!({"type": "add_reaction", "reaction": "like"}),
                ("message_id", message.clone()),
                "Message not found",
            ),
            (
                json!({"type": "react", "reaction": "like"}),
                ("message_id", message.clone()),
                "Message not found",
            ),
            (
                json!({"type": "remove_reaction", "reaction": "like"}),
                ("message_id", message.clone()),
                "Message not found",
            ),
            (
                json!({"type": "message", "text": "let me in"}),
                ("conversation_id", json!(conversation)),
                "Conversation not found",
            ),
            (
                json!({"type": "message", "text": "quote", "recipient_id": nadia.id}),
                ("reply_to_id", message.clone()),
                "Reply message not found",
            ),
        ] {
            for id in [foreign.1.clone(), json!(missing)] {
                let mut frame = frame.clone();
                frame[foreign.0] = id;

                assert_eq!(zoes.refused(frame.clone()).await, text, "{frame}");
            }
        }
    }
}
