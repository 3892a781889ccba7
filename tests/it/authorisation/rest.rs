//! REST: every route, by what it is about.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Cast, MISSING, MISSING_NUMBER, id};
use crate::{
    helpers::{Answer, Person},
    on_both_databases,
};

/// What an operation is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Conversation,
    Message,
    /// Things of one owner.
    Notification,
    FollowNotice,
    Device,
}

/// Expected statuses for the author of the message or the owner of the thing, and for the other
/// participant. Everybody else is answered as if it did not exist: a stranger, a former participant,
/// an administrator.
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
    use About::{Conversation, Device, FollowNotice, Message, Notification};
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
    let changes = "/api/messaging/conversations/{id}/changes/?after_rev=0";
    let mark = "/api/messaging/conversations/{id}/mark-read/";
    let mark_some = "/api/messaging/conversations/{id}/mark-messages-read/";
    let start = "/api/messaging/conversations/{id}/typing/start/";
    let stop = "/api/messaging/conversations/{id}/typing/stop/";
    let notification = "/api/notifications/{id}/";
    let mark_told = "/api/notifications/{id}/mark_read/";
    let follow_read = "/api/follow/notifications/{id}/read/";
    vec![
        row(get.clone(), notification, json!({}), Notification, 200, NOT_YOURS),
        row(post.clone(), mark_told, json!({}), Notification, 200, NOT_YOURS),
        row(patch.clone(), mark_told, json!({}), Notification, 200, NOT_YOURS),
        row(delete.clone(), notification, json!({}), Notification, 204, NOT_YOURS),
        row(post.clone(), follow_read, json!({}), FollowNotice, 200, NOT_YOURS),
        row(delete.clone(), "/api/devices/{id}/", json!({}), Device, 204, NOT_YOURS),
        row(get.clone(), conversation, json!({}), Conversation, 200, 200),
        row(put.clone(), conversation, json!({}), Conversation, 200, 200),
        row(patch.clone(), conversation, json!({}), Conversation, 200, 200),
        row(get.clone(), messages, json!({}), Conversation, 200, 200),
        row(post.clone(), messages, text(), Conversation, 201, 201),
        row(post.clone(), mark, json!({}), Conversation, 200, 200),
        row(post.clone(), mark_some, json!({"message_ids": []}), Conversation, 200, 200),
        row(post.clone(), start, json!({}), Conversation, 200, 200),
        row(post.clone(), stop, json!({}), Conversation, 200, 200),
        row(get.clone(), changes, json!({}), Conversation, 200, 200),
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

/// Routes about nobody's property, open to all.
const OPEN: &[&str] = &[
    "GET /",
    "GET /api/",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /api/openapi.json",
    "GET /api/asyncapi.json",
    "GET /api/docs/",
    "GET /api/docs/{file}",
    "POST /api/auth/token/",
    "POST /api/auth/token/refresh/",
    "POST /api/users/",
    "GET /api/public-profiles/search/",
    "GET /api/public-profiles/{name}/",
    "GET /api/follow/stats/{id}/",
];

/// Routes about the asker alone, or about what anybody who is let in may know.
const LET_IN: &[&str] = &[
    "GET /api/users/me/",
    "GET /api/profiles/my_profile/",
    "PATCH /api/users/me/",
    "GET /api/users/username/{name}/",
    "POST /api/messaging/ws-ticket/",
    "GET /api/messaging/sync/",
    "GET /api/messaging/unread-count/",
    "GET /api/messaging/conversations/",
    "POST /api/messaging/conversations/",
    "GET /api/messaging/conversations/create/",
    "POST /api/messaging/conversations/create/",
    "POST /api/messaging/conversations/legacy/",
    "GET /api/messaging/messages/",
    "GET /api/messages/",
    "GET /api/messaging/messages/user/{id}/unread/",
    "GET /api/messages/user/{id}/unread/",
    "GET /api/messaging/users/{id}/status/",
    "GET /api/notifications/",
    "POST /api/notifications/",
    "GET /api/notifications/unread_count/",
    "POST /api/notifications/mark_all_read/",
    "PATCH /api/notifications/mark_all_read/",
    "GET /api/notifications/settings/",
    "PATCH /api/notifications/settings/",
    "GET /api/devices/",
    "POST /api/devices/",
    "PUT /api/follow/toggle/{id}/",
    "DELETE /api/follow/toggle/{id}/",
    "POST /api/follow/follow/",
    "POST /api/follow/unfollow/{id}/",
    "GET /api/follow/followers/{id}/",
    "GET /api/follow/following/{id}/",
    "GET /api/follow/my-stats/",
    "GET /api/follow/search/",
    "GET /api/follow/suggestions/",
    "GET /api/follow/notifications/",
    "POST /api/follow/notifications/read-all/",
];

/// Routes for administrators.
const STAFF: &[&str] = &[
    "GET /api/users/",
    "GET /api/users/{id}/",
    "GET /api/admin/users/",
    "GET /api/admin/users/{id}/",
    "POST /api/admin/users/{id}/activate/",
    "POST /api/admin/users/{id}/deactivate/",
    "GET /api/admin/users/{id}/conversations/",
    "GET /api/admin/conversations/{id}/messages/",
    "DELETE /api/admin/messages/{id}/",
    "GET /api/admin/messages/{id}/edits/",
    "GET /api/admin/audit/",
];

#[test]
fn every_route_has_one_row() {
    let rows = table().into_iter().map(|row| {
        let path = row.path.split('?').next().unwrap_or_default();
        format!("{} {path}", row.method)
    });
    let lists = [OPEN, LET_IN, STAFF].into_iter().flatten().map(ToString::to_string);
    let mut listed: Vec<_> = rows.chain(lists).collect();
    listed.sort();
    let routes = vikrahub_messaging::http::routes().into_iter();
    let mut routes: Vec<_> = routes
        .flat_map(|(path, methods)| methods.into_iter().map(move |m| format!("{m} {path}")))
        .collect();
    routes.sort();

    assert_eq!(listed, routes);
}

async fn ask(person: &Person, row: &Row, id: &str) -> Answer {
    let body = (row.method != Method::GET).then(|| row.body.clone());
    person.request(row.method.clone(), &row.path.replace("{id}", id), body).await
}

/// Asks for a line of a list of routes about this user and this message or conversation.
async fn ask_line(person: Option<&Person>, cast: &Cast, line: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let number = path.contains("/users/") || path.contains("/user/") || path.contains("/follow/");
    let id = if number { cast.omar.id.to_string() } else { MISSING.to_owned() };
    let path = path.replace("{id}", &id).replace("{name}", "nadia").replace("{file}", "start.js");
    let method: Method = method.parse().unwrap();
    let body = (method != Method::GET).then(|| json!({}));
    match person {
        Some(person) => person.request(method, &path, body).await,
        None => Answer::of(cast.site.request(method, &path)).await,
    }
}

/// A fresh thing of nadia's.
async fn thing(cast: &Cast, about: About) -> String {
    let nadia = &cast.nadia;
    match about {
        About::Conversation => cast.conversation.clone(),
        About::Message => cast.message().await,
        About::Notification => {
            id(&nadia.post("/api/notifications/", json!({"message": "a secret"})).await.ok())
        }
        About::Device => {
            let device = json!({"token": "a secret", "platform": "web"});
            id(&nadia.post("/api/devices/", device).await.ok())
        }
        About::FollowNotice => {
            let follow = format!("/api/follow/toggle/{}/", nadia.id);
            let answer = cast.omar.request(Method::PUT, &follow, None).await.ok();
            id(&answer["follow_data"])
        }
    }
}

fn missing(about: About) -> String {
    match about {
        About::Conversation | About::Message | About::FollowNotice => MISSING.to_owned(),
        About::Notification | About::Device => MISSING_NUMBER.to_string(),
    }
}

on_both_databases! {
    async fn what_is_not_ones_own_is_as_if_it_did_not_exist(app) {
        let cast = Cast::gather(app).await;
        for row in table() {
            let operation = format!("{} {}", row.method, row.path);
            for (role, person, expected) in [
                ("author", &cast.nadia, row.author),
                ("participant", &cast.omar, row.participant),
                ("stranger", &cast.stranger, NOT_YOURS),
                ("former", &cast.former, NOT_YOURS),
                ("administrator", &cast.administrator, NOT_YOURS),
                ("deactivated", &cast.deactivated, 401),
            ] {
                let mut things = vec![thing(&cast, row.about).await];
                // What he had, he has no longer.
                match row.about {
                    About::Conversation if role == "former" => things.push(cast.left.clone()),
                    About::Message if role == "former" => {
                        things.extend([cast.hers_in_left.clone(), cast.his_in_left.clone()]);
                    }
                    About::Conversation
                    | About::Message
                    | About::Notification
                    | About::FollowNotice
                    | About::Device => {}
                }
                for id in things {
                    let answer = ask(person, &row, &id).await;
                    let about_missing = ask(person, &row, &missing(row.about)).await;

                    assert_eq!(answer.status, expected, "{operation} as {role}: {}", answer.body);
                    if matches!(expected, NOT_YOURS | 401) && row.author != NOT_YOURS {
                        let told_apart = (answer.status, &answer.body);
                        let missing = (about_missing.status, &about_missing.body);
                        assert_eq!(told_apart, missing, "{operation} as {role} tells what exists");
                        let text = answer.body.to_string();
                        assert!(!text.contains("secret"), "{operation} as {role}: {text}");
                    }
                }
            }
            let path = row.path.replace("{id}", &thing(&cast, row.about).await);
            let anonymous = Answer::of(app.request(row.method.clone(), &path)).await;
            assert_eq!(anonymous.status, 401, "{operation} as nobody");
        }
    }

    async fn lists_are_open_to_whom_they_say(app) {
        let cast = Cast::gather(app).await;
        for line in OPEN {
            let status = ask_line(None, &cast, line).await.status;
            assert!(!matches!(status, 401 | 403), "{line} as nobody: {status}");
        }
        for line in LET_IN.iter().chain(STAFF) {
            for person in [None, Some(&cast.deactivated)] {
                assert_eq!(ask_line(person, &cast, line).await.status, 401, "{line}");
            }
        }
        for line in LET_IN {
            let status = ask_line(Some(&cast.stranger), &cast, line).await.status;
            assert!(!matches!(status, 401 | 403), "{line} as a user: {status}");
        }
        for line in STAFF {
            for person in [&cast.nadia, &cast.former] {
                assert_eq!(ask_line(Some(person), &cast, line).await.status, 403, "{line}");
            }
            let status = ask_line(Some(&cast.administrator), &cast, line).await.status;
            assert!(!matches!(status, 401 | 403), "{line} as an administrator: {status}");
        }
    }

    async fn whoever_has_left_finds_nothing_and_is_told_nothing(app) {
        let cast = Cast::gather(app).await;
        let (nadia, former) = (&cast.nadia, &cast.former);
        let with_nadia = format!("/api/messaging/messages/?user_id={}", nadia.id);
        let unread = format!("/api/messaging/messages/user/{}/unread/", nadia.id);
        let start = json!({"target_user_id": nadia.id});

        for (path, empty) in [
            ("/api/messaging/conversations/", json!([])),
            ("/api/messaging/unread-count/", json!({"unread_count": 0})),
            (unread.as_str(), json!({"unread_count": 0})),
        ] {
            assert_eq!(former.get(path).await.ok(), empty, "{path}");
        }
        assert_eq!(former.get(&with_nadia).await.ok()["messages"], json!([]));
        let sync = former.get("/api/messaging/sync/").await.ok().to_string();
        assert!(!sync.contains(&cast.left), "{sync}");
        let told = former.get("/api/notifications/").await.ok().to_string();
        assert!(!told.contains("secret"), "{told}");
        let status = former.get(&format!("/api/messaging/users/{}/status/", nadia.id)).await;
        assert_eq!(status.status, 404);
        // Neither of the two opens it again by writing.
        for person in [former, nadia] {
            let other = if person.id == nadia.id { former.id } else { nadia.id };
            let again = person.post("/api/messaging/conversations/", json!({"target_user_id": other}));
            again.await.is(404, &json!({"error": "User not found"}));
        }
        assert_eq!(former.post("/api/messaging/conversations/", start).await.status, 404);
        assert_eq!(nadia.connect_v2().await.refused(json!({
            "type": "message", "recipient_id": former.id, "text": "come back",
        })).await, "Recipient not found");
        // To the one who stays it is what it was.
        assert_eq!(nadia.history_with(former).await.len(), 2);
        let list = nadia.get("/api/messaging/conversations/").await.ok();
        assert_eq!(list.as_array().unwrap().len(), 2);
    }
}
