//! Frames of clients as they look on the wire. The parsers read them field by field; these types
//! describe them, and a test compares both.
#![expect(dead_code, reason = "these are descriptions only")]

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::{by_name, variants};
use crate::domain::{ConversationId, MessageId};

/// Names of frames.
pub(in crate::protocol) type Types = &'static [&'static str];

#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Frame {
    /// Sends a message. The first one between two people opens their conversation.
    Message {
        /// To whom; or `conversation_id`.
        recipient_id: Option<i64>,
        /// Where to; looked at when `recipient_id` is not given.
        conversation_id: Option<ConversationId>,
        /// At most 8000 characters unless the server is configured otherwise. Surrounding white space
        /// is removed; `content` is accepted as another name.
        #[schema(min_length = 1)]
        text: String,
        /// A message of the same conversation.
        reply_to_id: Option<MessageId>,
        /// The sender's own name for the message: a repeat with the same one is stored once.
        #[schema(min_length = 1, max_length = 64)]
        client_id: Option<String>,
    },
    /// Marks as read a message and everything before it, or a whole conversation.
    MarkRead {
        /// Wins over `conversation_id`.
        message_id: Option<MessageId>,
        conversation_id: Option<ConversationId>,
    },
    /// Gives a reaction, in place of any other.
    AddReaction {
        message_id: MessageId,
        /// An emoji or a word: 1 to 10 code points without spaces. `reaction_type` is another name.
        #[schema(min_length = 1, max_length = 10)]
        reaction: String,
    },
    /// Gives a reaction, or takes it back if it is the one that stands.
    React {
        message_id: MessageId,
        #[schema(min_length = 1, max_length = 10)]
        reaction: String,
    },
    /// Takes back whichever reaction stands.
    RemoveReaction {
        message_id: MessageId,
        #[schema(min_length = 1, max_length = 10)]
        reaction: String,
    },
    /// The user types; repeat it while he does. There is no answer.
    TypingStart { conversation_id: ConversationId },
    /// The user no longer types. There is no answer.
    TypingStop { conversation_id: ConversationId },
    /// Lets the connection hear typing and reactions in a conversation.
    JoinConversation { conversation_id: ConversationId },
    /// Ends that.
    LeaveConversation { conversation_id: ConversationId },
    /// Gives an identity to a connection without one, or confirms it with a fresh token.
    Authenticate {
        /// An access token.
        token: String,
    },
    /// Marks a notification as read.
    MarkNotificationRead { notification_id: i64 },
    /// Marks all notifications as read.
    MarkAllNotificationsRead,
    /// Answered with `pong`.
    Ping,
}

/// Where the frames of an endpoint stand in the document.
pub(super) fn keys(types: Types) -> impl Iterator<Item = String> {
    types.iter().map(|name| key(name))
}

fn key(name: &str) -> String {
    format!("frame.{name}")
}

pub(super) fn messages() -> Map<String, Value> {
    variants(Frame::schema())
        .into_iter()
        .map(|(name, mut payload)| {
            let summary = payload["description"].take();
            let example = json!({"payload": example(&name)});
            let message = json!({
                "name": name,
                "title": name,
                "summary": summary,
                "payload": without_description(payload),
                "examples": [example],
            });
            (key(&name), message)
        })
        .collect()
}

fn without_description(mut schema: Value) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("description");
    }
    schema
}

pub(super) fn schemas() -> Map<String, Value> {
    let mut schemas = vec![];
    Frame::schemas(&mut schemas);
    by_name(schemas)
}

fn example(name: &str) -> Value {
    let conversation = "01a20d7b-b974-7025-9a15-65e9af6a1053";
    let message = "01a20d7b-b975-73fe-b0bf-4962af7b18a6";
    let mut example = match name {
        "message" => json!({"recipient_id": 9, "text": "lunch?", "client_id": "0b9f2c3a-6d"}),
        "mark_read" => json!({"message_id": message}),
        "add_reaction" | "react" | "remove_reaction" => {
            json!({"message_id": message, "reaction": "👍"})
        }
        "typing_start" | "typing_stop" | "join_conversation" | "leave_conversation" => {
            json!({"conversation_id": conversation})
        }
        "authenticate" => json!({"token": "TOKEN"}),
        "mark_notification_read" => json!({"notification_id": 8}),
        _ => json!({}),
    };
    example["type"] = name.into();
    example
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{super::channels::CHANNELS, *};
    use crate::protocol::{ClientFrame, MessagingFrame, NotificationFrame};

    #[test]
    fn the_frames_described_are_those_the_parsers_know() {
        let known: BTreeSet<_> =
            CHANNELS.iter().flat_map(|channel| channel.frames).map(|name| key(name)).collect();

        let described: BTreeSet<_> = messages().into_iter().map(|(key, _)| key).collect();

        assert_eq!(described, known);
    }

    #[test]
    fn every_example_is_read_by_its_parser() {
        for channel in &CHANNELS {
            for name in channel.frames {
                let frame = example(name).to_string();
                let is_read = match channel.name {
                    "chat" => ClientFrame::parse(&frame, 100).is_ok(),
                    "messaging" => MessagingFrame::parse(&frame).is_ok(),
                    _ => NotificationFrame::parse(&frame).is_ok(),
                };
                assert!(is_read, "{}: {frame}", channel.name);
            }
        }
    }

    /// Nothing in a description is missing from the example of a field that is required.
    #[test]
    fn every_example_has_what_is_required() {
        for (key, message) in messages() {
            let example = &message["examples"][0]["payload"];
            for field in message["payload"]["required"].as_array().into_iter().flatten() {
                let field = field.as_str().unwrap_or_default();
                assert!(!example[field].is_null(), "{key}: {field}");
            }
        }
    }
}
