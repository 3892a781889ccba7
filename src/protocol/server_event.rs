//! What the server says over WebSocket, and its encoding: once per event, shared by every listener.

use std::collections::BTreeMap;

use bytestring::ByteString;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{ErrorCode, MessageView, Stamp, message_view::ReactionView};
use crate::domain::{ConversationId, MessageId};

/// Who is typing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Typist)]
pub struct TypistView<'a> {
    pub id: i64,
    pub username: &'a str,
    pub full_name: &'a str,
}

/// One event of the sockets (contract §2.3, §3.3).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerEvent<'a> {
    ConnectionEstablished {
        #[schema(required)]
        user_id: Option<i64>,
        username: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        message: Option<&'static str>,
    },
    NewMessage {
        #[schema(value_type = MessageView)]
        message: &'a RawValue,
        conversation_id: ConversationId,
        rev: i64,
        prev_rev: i64,
    },
    /// Alias of `new_message` that the old Messages page listens for.
    Message {
        #[schema(value_type = MessageView)]
        message: &'a RawValue,
        conversation_id: ConversationId,
        rev: i64,
        prev_rev: i64,
    },
    MessageSent {
        #[schema(value_type = MessageView)]
        message: &'a RawValue,
        conversation_id: ConversationId,
        rev: i64,
        prev_rev: i64,
        #[schema(required)]
        client_id: Option<&'a str>,
        duplicate: bool,
    },
    MessageDelivered {
        message_id: MessageId,
        conversation_id: ConversationId,
        delivered_to: &'a str,
        delivered_to_id: i64,
        delivered_at: Stamp,
    },
    MessageRead {
        message_id: MessageId,
        message_ids: &'a [MessageId],
        conversation_id: ConversationId,
        read_by: &'a str,
        read_by_id: i64,
        read_at: Stamp,
        read_seq: i64,
    },
    MarkReadSuccess {
        #[schema(required)]
        message_id: Option<MessageId>,
        message_ids: &'a [MessageId],
        conversation_id: ConversationId,
        read_seq: i64,
    },
    /// Somebody who shares a conversation with the listener came or went.
    UserStatus {
        user_id: i64,
        username: &'a str,
        is_online: bool,
        status: &'static str,
        #[schema(required)]
        last_active: Option<Stamp>,
        /// Null while offline, whatever the truth: the old pages derive presence from its age.
        #[schema(required)]
        last_seen: Option<Stamp>,
    },
    /// Never sent to the one who types.
    UserTyping {
        conversation_id: ConversationId,
        user: TypistView<'a>,
        is_typing: bool,
    },
    ReactionUpdate {
        message_id: MessageId,
        conversation_id: ConversationId,
        reactions: Vec<ReactionView<'a>>,
        reaction_counts: BTreeMap<&'a str, usize>,
        user: &'a str,
        user_id: i64,
        reaction: &'a str,
        added: bool,
        rev: i64,
        prev_rev: i64,
    },
    MessageUpdated {
        #[schema(value_type = MessageView)]
        message: &'a RawValue,
        conversation_id: ConversationId,
        rev: i64,
        prev_rev: i64,
    },
    MessageDeleted {
        message_id: MessageId,
        conversation_id: ConversationId,
        /// Null when the message was hidden for the listener only.
        #[schema(required)]
        rev: Option<i64>,
        #[schema(required)]
        prev_rev: Option<i64>,
    },
    Authenticated {
        user_id: i64,
        username: &'a str,
    },
    ConversationJoined {
        conversation_id: &'a str,
    },
    ConversationLeft {
        conversation_id: &'a str,
    },
    Pong,
    Error {
        message: &'a str,
        code: ErrorCode,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        field: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        client_id: Option<&'a str>,
        /// Seconds to wait before the same request can succeed.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        retry_after: Option<u32>,
    },
    /// The server is about to close this connection: come back after so many milliseconds.
    Reconnect {
        after_ms: u64,
    },
}

impl ServerEvent<'_> {
    pub fn encode(&self) -> ByteString {
        serde_json::to_string(self).expect("an event has string keys only").into()
    }
}

/// An encoded event, ready for any number of connections.
#[derive(Clone, Debug)]
pub struct Frames {
    pub event: ByteString,
    /// The same event under its old name, for connections that asked for nothing newer.
    pub alias: Option<ByteString>,
}

impl Frames {
    /// Bytes a connection has to take for this event.
    pub fn len(&self) -> usize {
        self.event.len() + self.alias.as_ref().map_or(0, |alias| alias.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<ServerEvent<'_>> for Frames {
    fn from(event: ServerEvent<'_>) -> Self {
        Self { event: event.encode(), alias: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_carry_their_type_first() {
        assert_eq!(ServerEvent::Pong.encode(), r#"{"type":"pong"}"#);
        assert_eq!(
            ServerEvent::ConnectionEstablished {
                user_id: Some(7),
                username: "nadia",
                message: Some("Connected to chat system")
            }
            .encode(),
            r#"{"type":"connection_established","user_id":7,"username":"nadia","message":"Connected to chat system"}"#
        );
    }

    #[test]
    fn an_error_leaves_out_what_it_does_not_know() {
        let error = ServerEvent::Error {
            message: "Recipient not found",
            code: ErrorCode::NotFound,
            field: Some("recipient_id"),
            client_id: None,
            retry_after: None,
        };

        assert_eq!(
            error.encode(),
            r#"{"type":"error","message":"Recipient not found","code":"not_found","field":"recipient_id"}"#
        );
    }
}
