//! Events of the server: their forms come from the types that are sent, who hears them from the table.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::{by_name, variants};
use crate::protocol::{NotificationEvent, ServerEvent};

/// Name of an event, the endpoints on which it is heard, and by whom.
type Heard = (&'static str, &'static [&'static str], &'static str);

const CHAT: &str = "chat";
const MESSAGING: &str = "messaging";
const NOTIFICATIONS: &str = "notifications";

/// Of [`ServerEvent`].
const SERVER_EVENTS: [Heard; 24] = [
    ("connection_established", &[CHAT, MESSAGING], "The first event."),
    ("new_message", &[CHAT, MESSAGING], "To the recipient."),
    ("message", &[CHAT], "The same as `new_message`, directly after it, without `v=2`."),
    (
        "message_sent",
        &[CHAT, MESSAGING],
        "To the sender: the message is stored. On `/ws/messaging/` the answer to `send_message`.",
    ),
    (
        "message_delivered",
        &[CHAT, MESSAGING],
        "To the sender: the recipient has been given the message; on `/ws/messaging/` only before \
         `message_sent`.",
    ),
    (
        "conversation_updated",
        &[MESSAGING],
        "A conversation has come into the list of the user, for the first time or again.",
    ),
    ("message_read", &[CHAT], "To the author: somebody has read his messages."),
    ("mark_read_success", &[CHAT], "To the reader: the answer to `mark_read`."),
    ("user_status", &[CHAT], "Somebody who shares a conversation with the user came or went."),
    (
        "user_typing",
        &[CHAT, MESSAGING],
        "To the other person: on `/ws/chat/` with `v=2`, on `/ws/messaging/` after joining.",
    ),
    (
        "reaction_update",
        &[CHAT, MESSAGING],
        "To both: the reactions of a message as they are now; on `/ws/messaging/` after joining.",
    ),
    ("message_updated", &[CHAT, MESSAGING], "To both: a message has a new text."),
    ("message_deleted", &[CHAT, MESSAGING], "To both, or to the one who hid it: it is gone."),
    ("conversation_rev", &[CHAT], "A number was taken by a change that does not concern the user."),
    ("conversation_shown", &[CHAT], "A conversation has come into the user's list."),
    ("conversation_hidden", &[CHAT], "The user has taken a conversation out of his list."),
    ("sync", &[CHAT], "Part of the answer to `resume`: what was missed in one conversation."),
    ("resumed", &[CHAT], "The end of the answer to `resume`."),
    ("authenticated", &[CHAT, MESSAGING], "The answer to `authenticate`."),
    ("conversation_joined", &[MESSAGING], "The answer to `join_conversation`."),
    ("conversation_left", &[MESSAGING], "The answer to `leave_conversation`."),
    ("pong", &[CHAT, MESSAGING], "The answer to `ping`."),
    ("error", &[CHAT, MESSAGING, NOTIFICATIONS], "The frame changed nothing."),
    (
        "reconnect",
        &[CHAT, MESSAGING, NOTIFICATIONS],
        "The server is about to end the connection (1012): come back after `after_ms`.",
    ),
];

/// Of [`NotificationEvent`].
const NOTIFICATION_EVENTS: [Heard; 7] = [
    ("new_notification", &[NOTIFICATIONS], "To the one who is told."),
    ("unread_count", &[NOTIFICATIONS], "Unread notifications: the first event, and after a mark."),
    ("notification_marked_read", &[NOTIFICATIONS], "One is read now."),
    ("all_notifications_marked_read", &[NOTIFICATIONS], "All are read now."),
    ("pong", &[NOTIFICATIONS], "The answer to `ping`."),
    ("unread_count_update", &[MESSAGING, NOTIFICATIONS], "A number of unread things has changed."),
    ("follow_notification", &[MESSAGING], "Somebody has begun to follow the user."),
];

/// Where the events of an endpoint stand in the document.
pub(super) fn keys(channel: &str) -> impl Iterator<Item = String> {
    let heard = move |(_, channels, _): &&Heard| channels.contains(&channel);
    let server = SERVER_EVENTS.iter().filter(heard).map(|(name, ..)| server_key(name));
    let notifications =
        NOTIFICATION_EVENTS.iter().filter(heard).map(|(name, ..)| notification_key(name));
    server.chain(notifications).collect::<Vec<_>>().into_iter()
}

fn server_key(name: &str) -> String {
    format!("event.{name}")
}

/// The `pong` of `/ws/notifications/` is another one.
fn notification_key(name: &str) -> String {
    if name == "pong" { "event.pong_with_timestamp".to_owned() } else { server_key(name) }
}

pub(super) fn messages() -> Map<String, Value> {
    let server = described(variants(ServerEvent::schema()), &SERVER_EVENTS, server_key);
    let notifications =
        described(variants(NotificationEvent::schema()), &NOTIFICATION_EVENTS, notification_key);
    server.into_iter().chain(notifications).collect()
}

fn described(
    variants: Vec<(String, Value)>,
    heard: &[Heard],
    key: impl Fn(&str) -> String,
) -> Vec<(String, Value)> {
    let describe = |(name, payload): (String, Value)| {
        let summary = heard.iter().find(|(known, ..)| *known == name).map(|(.., summary)| summary);
        let message = json!({"name": name, "title": name, "summary": summary, "payload": payload});
        (key(&name), message)
    };
    variants.into_iter().map(describe).collect()
}

pub(super) fn schemas() -> Map<String, Value> {
    let mut schemas = vec![];
    ServerEvent::schemas(&mut schemas);
    NotificationEvent::schemas(&mut schemas);
    by_name(schemas)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(variants: Vec<(String, Value)>) -> Vec<String> {
        let mut names: Vec<_> = variants.into_iter().map(|(name, _)| name).collect();
        names.sort();
        names
    }

    fn listed(heard: &[Heard]) -> Vec<String> {
        let mut names: Vec<_> = heard.iter().map(|(name, ..)| (*name).to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_event_is_said_to_be_heard_by_somebody() {
        assert_eq!(listed(&SERVER_EVENTS), names(variants(ServerEvent::schema())));
        assert_eq!(listed(&NOTIFICATION_EVENTS), names(variants(NotificationEvent::schema())));
        for (name, channels, _) in SERVER_EVENTS.iter().chain(&NOTIFICATION_EVENTS) {
            assert!(!channels.is_empty(), "{name}");
        }
    }
}
