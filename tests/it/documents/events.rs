//! What is sent over WebSocket, compared with its description.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::asyncapi;
use crate::{
    helpers::{Person, Socket, TestApp},
    on_both_databases,
};

/// The description of an event on an endpoint.
fn described<'a>(document: &'a Value, channel: &str, name: &str) -> Option<&'a Value> {
    let messages = document["channels"][channel]["messages"].as_object().unwrap();
    let events = messages.values().map(|message| message["$ref"].as_str().unwrap());
    events
        .filter(|reference| reference.contains("/event."))
        .map(|reference| document.pointer(&reference[1..]).unwrap())
        .find(|message| message["name"] == name)
}

/// Every field must be described, and every field that is required must be there.
fn check_fields(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return check_fields(document, document.pointer(&reference[1..]).unwrap(), value, place);
    }
    if let Some(alternatives) = schema["oneOf"].as_array() {
        let fits = |schema: &&Value| {
            let reference = schema["$ref"].as_str();
            let meant = reference.map_or(*schema, |it| document.pointer(&it[1..]).unwrap());
            let required = meant["required"].as_array().into_iter().flatten();
            let is_whole = required
                .map(|name| name.as_str().unwrap())
                .all(|name| value.as_object().is_none_or(|fields| fields.contains_key(name)));
            (schema["type"] == "null") == value.is_null() && is_whole
        };
        let schema = alternatives.iter().find(fits).expect(place);
        return check_fields(document, schema, value, place);
    }
    // A type of its own beside what every event has.
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = json!({"type": "object", "properties": {}, "required": []});
        for part in parts {
            let part = part["$ref"].as_str().map_or(part, |it| document.pointer(&it[1..]).unwrap());
            for (name, field) in part["properties"].as_object().unwrap() {
                whole["properties"][name] = field.clone();
            }
            let required = part["required"].as_array().cloned().unwrap_or_default();
            whole["required"].as_array_mut().unwrap().extend(required);
        }
        return check_fields(document, &whole, value, place);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = &schema["type"];
    let is_kind =
        kinds == kind || kinds.as_array().is_some_and(|kinds| kinds.contains(&kind.into()));
    assert!(is_kind, "{place} is {value}, described as {schema}");
    match value {
        Value::Array(items) => {
            for item in items {
                check_fields(document, &schema["items"], item, place);
            }
        }
        Value::Object(fields) => {
            for name in schema["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap();
                assert!(fields.contains_key(name), "{place} has no {name}");
            }
            for (name, field) in fields {
                let place = format!("{place}.{name}");
                match (&schema["properties"][name], &schema["additionalProperties"]) {
                    (Value::Null, Value::Null) if schema["properties"].is_null() => {}
                    (Value::Null, Value::Null) => panic!("{place} is not described"),
                    (Value::Null, schema) | (schema, _) => {
                        check_fields(document, schema, field, &place);
                    }
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Compares everything a socket has heard with the document; returns the names.
fn check_events(channel: &str, events: &[Value]) -> BTreeSet<String> {
    let document = asyncapi();
    let mut names = BTreeSet::new();
    for event in events {
        let name = event["type"].as_str().unwrap();
        let message = described(&document, channel, name);
        let message = message.unwrap_or_else(|| panic!("{name} is not described on {channel}"));
        check_fields(&document, &message["payload"], event, name);
        names.insert(name.to_owned());
    }
    names
}

async fn opened(person: &Person, app: &TestApp, path: &str) -> Socket {
    Socket::open(app.ws_url(&format!("{path}token={}", person.access))).await.unwrap()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

on_both_databases! {
    async fn events_look_as_they_are_described(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = opened(&nadia, app, "/ws/chat/?").await;
        let mut old = opened(&omar, app, "/ws/chat/?").await;
        let mut new = opened(&omar, app, "/ws/chat/?v=2&").await;
        let mut around = opened(&omar, app, "/ws/messaging/?").await;
        let mut told = opened(&omar, app, "/ws/notifications/?").await;

        // Nothing is missed from here on.
        let (first_of_old, first_of_new) = (old.receive().await, new.receive().await);
        nadias.send_message(omar.id, "lunch?").await;
        let mut heard = vec![nadias.receive().await, nadias.receive().await, nadias.receive().await];
        let message = heard.last().unwrap()["message"]["id"].clone();
        let conversation = heard.last().unwrap()["conversation_id"].clone();
        around.send(json!({"type": "join_conversation", "conversation_id": conversation})).await;
        nadias.send(json!({"type": "typing_start", "conversation_id": conversation})).await;
        old.send(json!({"type": "react", "message_id": message, "reaction": "👍"})).await;
        old.send(json!({"type": "mark_read", "message_id": message})).await;
        old.send(json!({"type": "mark_read"})).await;
        old.send(json!({"type": "authenticate", "token": omar.access})).await;
        loop {
            let event = nadias.receive().await;
            heard.push(event.clone());
            if event["type"] == "message_read" { break }
        }
        let path = format!("/api/messaging/messages/{}/", message.as_str().unwrap());
        nadia.request(Method::PATCH, &path, Some(json!({"content": "later?"}))).await.ok();
        nadia.request(Method::PUT, &format!("/api/follow/toggle/{}/", omar.id), None).await.ok();
        told.send(json!({"type": "mark_all_notifications_read"})).await;
        heard.extend(nadias.drain_with_statuses().await);
        nadia.request(Method::DELETE, &path, None).await;
        around.send(json!({"type": "leave_conversation", "conversation_id": conversation})).await;
        let mut told_events = vec![];
        loop {
            let event = told.receive().await;
            told_events.push(event.clone());
            if event["type"] == "all_notifications_marked_read" { break }
        }
        let mut around_events = vec![];
        loop {
            let event = around.receive().await;
            around_events.push(event.clone());
            if event["type"] == "conversation_left" { break }
        }

        heard.extend(nadias.drain_with_statuses().await);
        let nadias_names = check_events("chat", &heard);
        let mut old_events = old.drain_with_statuses().await;
        old_events.push(first_of_old);
        new.send(json!({"type": "resume", "cursors": {}})).await;
        let mut new_events = vec![first_of_new];
        loop {
            let event = new.receive().await;
            new_events.push(event.clone());
            if event["type"] == "resumed" { break }
        }
        let again = json!({
            "type": "resume", "epoch": new_events.last().unwrap()["epoch"],
            "cursors": {conversation.as_str().unwrap(): 1},
        });
        omar.request(
            Method::DELETE,
            &format!("/api/messaging/conversations/{}/", conversation.as_str().unwrap()),
            None,
        )
        .await;
        omar.conversation_with(&nadia).await;
        new.send(again).await;
        loop {
            let event = new.receive().await;
            new_events.push(event.clone());
            if event["type"] == "resumed" { break }
        }
        let omars_names = check_events("chat", &old_events);
        let new_names = check_events("chat", &new_events);
        let around_names = check_events("messaging", &around_events);
        let told_names = check_events("notifications", &told_events);
        assert!(nadias_names.is_superset(&names(&[
            "connection_established", "message_sent", "message_delivered", "message_read",
            "reaction_update", "message_updated", "message_deleted",
        ])), "{nadias_names:?}");
        assert!(omars_names.is_superset(&names(&[
            "connection_established", "new_message", "message", "mark_read_success", "error",
            "authenticated", "reaction_update", "message_updated", "message_deleted",
        ])), "{omars_names:?}");
        assert!(new_names.is_superset(&names(&[
            "user_typing", "sync", "resumed", "conversation_hidden", "conversation_shown",
        ])), "{new_names:?}");
        assert!(around_names.is_superset(&names(&[
            "connection_established", "new_message", "unread_count_update", "conversation_joined",
            "follow_notification", "message_updated", "conversation_left",
        ])), "{around_names:?}");
        assert!(told_names.is_superset(&names(&[
            "unread_count", "new_notification", "all_notifications_marked_read",
        ])), "{told_names:?}");
    }
}
