//! WebSocket: every type of frame on each endpoint, by what it is about.

use serde_json::{Value, json};
use vikrahub_messaging::protocol::{ClientFrame, MessagingFrame, NotificationFrame};

use super::{Cast, MISSING, MISSING_NUMBER, id, without_ids};
use crate::{
    helpers::{Person, Socket, TestApp},
    on_both_databases,
};

/// What a frame is about: what stands for `{id}` in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Conversation,
    Message,
    Notification,
    /// Nobody's things.
    Nothing,
}

/// What somebody hears who may, and who may not.
struct Row {
    endpoint: Endpoint,
    frame: Value,
    about: About,
    /// The event a participant, or the owner, is answered with; `None` when others hear instead.
    answer: Option<&'static str>,
    /// The error for everybody else; `None` when he is not answered at all.
    refusal: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Chat,
    Messaging,
    Notifications,
}

impl Endpoint {
    const ALL: [Self; 3] = [Self::Chat, Self::Messaging, Self::Notifications];

    const fn types(self) -> &'static [&'static str] {
        match self {
            Self::Chat => &ClientFrame::TYPES,
            Self::Messaging => &MessagingFrame::TYPES,
            Self::Notifications => &NotificationFrame::TYPES,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Chat => "/ws/chat/?v=2",
            Self::Messaging => "/ws/messaging/?v=2",
            Self::Notifications => "/ws/notifications/?v=2",
        }
    }

    async fn open(self, app: &TestApp, person: &Person) -> Socket {
        let url = app.ws_url(&format!("{}&token={}", self.path(), person.access));
        let mut socket = Socket::open(url).await.unwrap();
        socket.receive().await;
        socket
    }
}

const ALL_MARKED: &str = "all_notifications_marked_read";

/// A conversation nobody asks about otherwise.
const NOWHERE: &str = "00000000-0000-7000-8000-00000000ffff";

const NO_MESSAGE: Option<&str> = Some("Message not found");
const NO_CONVERSATION: Option<&str> = Some("Conversation not found");

fn table() -> Vec<Row> {
    use About::{Conversation, Message, Nothing, Notification};
    use Endpoint::{Chat, Messaging, Notifications};
    let row =
        |endpoint, frame, about, answer, refusal| Row { endpoint, frame, about, answer, refusal };
    let mut table = vec![
        row(
            Chat,
            json!({"type": "message", "conversation_id": "{id}", "text": "let me in"}),
            Conversation,
            Some("message_sent"),
            NO_CONVERSATION,
        ),
        row(
            Chat,
            json!({"type": "message", "recipient_id": "{omar}", "text": "x", "reply_to_id": "{id}"}),
            Message,
            Some("message_sent"),
            Some("Reply message not found"),
        ),
        row(
            Chat,
            json!({"type": "mark_read", "message_id": "{id}"}),
            Message,
            Some("mark_read_success"),
            NO_MESSAGE,
        ),
        row(
            Chat,
            json!({"type": "mark_read", "conversation_id": "{id}"}),
            Conversation,
            Some("mark_read_success"),
            NO_CONVERSATION,
        ),
        // Nothing of theirs is there to be removed: no answer.
        row(
            Chat,
            json!({"type": "remove_reaction", "message_id": "{id}", "reaction": "like"}),
            Message,
            None,
            NO_MESSAGE,
        ),
        row(
            Chat,
            json!({"type": "resume", "cursors": {"{id}": 0}, "epoch": "{epoch}"}),
            Conversation,
            Some("sync"),
            None,
        ),
        row(
            Messaging,
            json!({"type": "join_conversation", "conversation_id": "{id}"}),
            Conversation,
            Some("conversation_joined"),
            Some("Access denied to this conversation"),
        ),
        // To leave what one has not joined is no error, whatever it is.
        row(
            Messaging,
            json!({"type": "leave_conversation", "conversation_id": "{id}"}),
            Conversation,
            Some("conversation_left"),
            None,
        ),
        row(
            Messaging,
            json!({"type": "send_message", "conversation_id": "{id}", "content": "let me in"}),
            Conversation,
            Some("message_sent"),
            NO_CONVERSATION,
        ),
        row(
            Messaging,
            json!({
                "type": "send_message", "recipient_id": "{omar}", "content": "x",
                "reply_to_id": "{id}",
            }),
            Message,
            Some("message_sent"),
            Some("Reply message not found"),
        ),
        row(
            Notifications,
            json!({"type": "mark_notification_read", "notification_id": "{id}"}),
            Notification,
            Some("notification_marked_read"),
            None,
        ),
        row(
            Notifications,
            json!({"type": "mark_all_notifications_read"}),
            Nothing,
            Some(ALL_MARKED),
            None,
        ),
    ];
    for name in ["add_reaction", "react"] {
        let frame = json!({"type": name, "message_id": "{id}", "reaction": "like"});
        table.push(row(Chat, frame, Message, Some("reaction_update"), NO_MESSAGE));
    }
    for endpoint in [Chat, Messaging] {
        for name in ["typing_start", "typing_stop"] {
            let frame = json!({"type": name, "conversation_id": "{id}"});
            table.push(row(endpoint, frame, Conversation, None, None));
        }
        let frame = json!({"type": "authenticate", "token": "{token}"});
        table.push(row(endpoint, frame, Nothing, Some("authenticated"), None));
    }
    for endpoint in Endpoint::ALL {
        table.push(row(endpoint, json!({"type": "ping"}), Nothing, Some("pong"), None));
    }
    table
}

/// The frame about this id, said by this person.
fn frame(row: &Row, cast: &Cast, person: &Person, id: &str) -> Value {
    let other = if person.id == cast.omar.id { cast.nadia.id } else { cast.omar.id };
    let text = row.frame.to_string();
    let text =
        text.replace("{id}", id).replace("{token}", &person.access).replace("{epoch}", &cast.epoch);
    serde_json::from_str(&text.replace("{omar}", &other.to_string())).unwrap()
}

/// Everything that is heard in answer to a frame.
async fn heard(socket: &mut Socket, endpoint: Endpoint, frame: Value) -> Vec<Value> {
    let kind = frame["type"].clone();
    socket.send(frame).await;
    let mut events = match kind.as_str().unwrap() {
        // Its answer is given beside other frames.
        "resume" => until_type(socket, "resumed").await,
        "mark_all_notifications_read" => until_type(socket, ALL_MARKED).await,
        "ping" => until_type(socket, "pong").await,
        _ => until_settled(socket, endpoint).await,
    };
    // Counted beside all this, and only when something has changed.
    events.retain(|event| event["type"] != "unread_count_update");
    events
}

/// Everything up to an event of this type, and it.
async fn until_type(socket: &mut Socket, name: &str) -> Vec<Value> {
    let mut events = vec![];
    while events.last().is_none_or(|event: &Value| event["type"] != name) {
        events.push(socket.receive().await);
    }
    events
}

/// Everything up to the answer to a command that comes after all others: what is stored is answered in
/// its order.
async fn until_settled(socket: &mut Socket, endpoint: Endpoint) -> Vec<Value> {
    let nowhere = json!({
        "type": if endpoint == Endpoint::Chat { "message" } else { "send_message" },
        "conversation_id": NOWHERE, "text": "last", "client_id": "last",
    });
    socket
        .send(match endpoint {
            Endpoint::Chat | Endpoint::Messaging => nowhere,
            Endpoint::Notifications => json!({"type": "mark_all_notifications_read"}),
        })
        .await;
    let mut events = vec![];
    loop {
        let event = socket.receive().await;
        if event["client_id"] == "last" || event["type"] == ALL_MARKED {
            // With the count that comes before it.
            if event["type"] == ALL_MARKED {
                events.pop();
            }
            return events;
        }
        events.push(event);
    }
}

/// Things of nadia's and omar's.
async fn thing(cast: &Cast, about: About) -> String {
    match about {
        About::Conversation => {
            cast.message().await;
            cast.conversation.clone()
        }
        About::Message => cast.message().await,
        About::Notification | About::Nothing => {
            let note = cast.omar.post("/api/notifications/", json!({"message": "a secret"}));
            id(&note.await.ok())
        }
    }
}

#[test]
fn every_type_of_frame_has_a_row() {
    for endpoint in Endpoint::ALL {
        let of_endpoint = table().into_iter().filter(|row| row.endpoint == endpoint);
        let mut listed: Vec<_> =
            of_endpoint.map(|row| row.frame["type"].as_str().unwrap().to_owned()).collect();
        listed.sort();
        listed.dedup();
        let mut types = endpoint.types().to_vec();
        types.sort_unstable();

        assert_eq!(listed, types, "{endpoint:?}");
    }
}

on_both_databases! {
    async fn participants_are_answered(app) {
        let cast = Cast::gather(app).await;
        for row in table() {
            let mut socket = row.endpoint.open(app, &cast.omar).await;
            let id = thing(&cast, row.about).await;
            socket.drain().await;

            let events = heard(&mut socket, row.endpoint, frame(&row, &cast, &cast.omar, &id)).await;

            let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
            match row.answer {
                Some(answer) => assert!(types.contains(&answer), "{}: {events:?}", row.frame),
                None => assert!(types.is_empty(), "{}: {events:?}", row.frame),
            }
        }
    }

    async fn frames_about_foreign_things_are_answered_like_frames_about_missing_ones(app) {
        let cast = Cast::gather(app).await;
        let people = [
            ("stranger", &cast.stranger),
            ("former", &cast.former),
            ("administrator", &cast.administrator),
        ];
        for row in table().iter().filter(|row| row.about != About::Nothing) {
            for (role, person) in people {
                let mut socket = row.endpoint.open(app, person).await;
                let missing = match row.about {
                    About::Notification => MISSING_NUMBER.to_string(),
                    About::Conversation | About::Message | About::Nothing => MISSING.to_owned(),
                };
                let mut foreign = vec![thing(&cast, row.about).await];
                match row.about {
                    About::Conversation if role == "former" => foreign.push(cast.left.clone()),
                    About::Message if role == "former" => {
                        foreign.extend([cast.hers_in_left.clone(), cast.his_in_left.clone()]);
                    }
                    About::Conversation
                    | About::Message
                    | About::Notification
                    | About::Nothing => {}
                }
                let mut bystanders = vec![];
                for endpoint in Endpoint::ALL {
                    for member in [&cast.nadia, &cast.omar] {
                        bystanders.push(endpoint.open(app, member).await);
                    }
                }
                for socket in &mut bystanders[2..4] {
                    for conversation in [&cast.conversation, &cast.left] {
                        let join = json!({
                            "type": "join_conversation", "conversation_id": conversation,
                        });
                        socket.send(join).await;
                    }
                }
                for socket in &mut bystanders {
                    socket.drain().await;
                }

                let about_missing = frame(row, &cast, person, &missing);
                let unknown = heard(&mut socket, row.endpoint, about_missing).await;
                for id in foreign {
                    let about_foreign = frame(row, &cast, person, &id);
                    let operation = format!("{about_foreign} as {role}");
                    let known = heard(&mut socket, row.endpoint, about_foreign).await;

                    let ids = [id.as_str(), missing.as_str()];
                    let (known, unknown) =
                        (without_ids(&json!(known), &ids), without_ids(&json!(unknown), &ids));
                    assert_eq!(known, unknown, "{operation} tells what exists");
                    assert!(!known.to_string().contains("secret"), "{operation}: {known}");
                    if let Some(refusal) = row.refusal {
                        assert_eq!(known[0]["message"], refusal, "{operation}");
                        assert_eq!(known.as_array().unwrap().len(), 1, "{operation}");
                    }
                }
                // Nothing has happened to those whose things they are.
                for socket in &mut bystanders {
                    let events = socket.drain().await;
                    let events: Vec<_> =
                        events.iter().filter(|event| event["type"] != "unread_count_update").collect();
                    assert!(events.is_empty(), "{} as {role}: {events:?}", row.frame);
                }
            }
        }
    }

    async fn somebody_without_identity_can_say_who_he_is_and_nothing_else(app) {
        let cast = Cast::gather(app).await;
        for row in table().iter().filter(|row| row.endpoint == Endpoint::Messaging) {
            let mut socket = Socket::open(app.ws_url("/ws/messaging/")).await.unwrap();
            socket.receive().await;
            let mut answers = vec![];
            for id in [thing(&cast, row.about).await, MISSING.to_owned()] {
                socket.send(frame(row, &cast, &cast.omar, &id)).await;
                let events = if row.frame["type"] == "ping" {
                    vec![socket.receive().await]
                } else {
                    socket.drain().await
                };
                answers.push(without_ids(&json!(events), &[&id]));
            }

            let kind = row.frame["type"].as_str().unwrap();
            if matches!(kind, "authenticate" | "ping") {
                assert_eq!(answers[0][0]["type"], row.answer.unwrap());
            } else {
                assert_eq!(answers[0], answers[1], "{kind} tells what exists");
                assert_eq!(answers[0][0]["code"], "not_authenticated", "{kind}: {answers:?}");
            }
        }
        for endpoint in [Endpoint::Chat, Endpoint::Notifications] {
            assert_eq!(Socket::refusal(app.ws_url(endpoint.path())).await, 403);
        }
    }

    async fn a_deactivated_user_has_no_connection(app) {
        let cast = Cast::gather(app).await;
        let mut open = vec![];
        for endpoint in Endpoint::ALL {
            open.push(endpoint.open(app, &cast.stranger).await);
        }
        app.database.execute("UPDATE users SET is_active = false WHERE username = 'zoe'").await;

        for mut socket in open {
            assert_eq!(socket.close_code().await, 4003);
        }
        // People are believed for two seconds.
        while cast.stranger.get("/api/users/me/").await.status != 401 {}
        for person in [&cast.stranger, &cast.deactivated] {
            let token = format!("&token={}", person.access);
            for endpoint in [Endpoint::Chat, Endpoint::Notifications] {
                let url = app.ws_url(&format!("{}{token}", endpoint.path()));
                assert_eq!(Socket::refusal(url).await, 403);
            }
            let url = app.ws_url(&format!("{}{token}", Endpoint::Messaging.path()));
            let mut socket = Socket::open(url).await.unwrap();
            assert_eq!(socket.receive().await["user_id"], json!(null));
            let token = json!({"type": "authenticate", "token": person.access});
            assert_eq!(socket.refused(token).await, "Invalid token");
        }
    }

    async fn whoever_has_left_hears_nothing_of_it(app) {
        let cast = Cast::gather(app).await;
        let mut sockets = vec![];
        for endpoint in Endpoint::ALL {
            let mut socket = endpoint.open(app, &cast.former).await;
            socket.drain().await;
            sockets.push(socket);
        }
        let nadia = &cast.nadia;
        let message = format!("/api/messaging/messages/{}/", cast.his_in_left);
        nadia.post(&format!("{message}reactions/"), json!({"reaction": "like"})).await.ok();
        let mark = format!("/api/messaging/conversations/{}/mark-read/", cast.left);
        nadia.post(&mark, json!({})).await.ok();
        let typing = format!("/api/messaging/conversations/{}/typing/start/", cast.left);
        nadia.post(&typing, json!({})).await.ok();
        let hers = format!("/api/messaging/messages/{}/", cast.hers_in_left);
        let edit = Some(json!({"content": "another secret"}));
        nadia.request(reqwest::Method::PATCH, &hers, edit).await.ok();
        nadia.request(reqwest::Method::DELETE, &hers, None).await.ok();

        for socket in &mut sockets {
            let events = socket.drain().await;
            let told: Vec<_> = events
                .iter()
                .filter(|event| event["type"] != "unread_count_update")
                .collect();
            assert!(told.is_empty(), "{told:?}");
        }
    }
}
