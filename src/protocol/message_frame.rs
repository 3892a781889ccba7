//! A message to send, as `message` and `send_message` carry it.

use serde_json::{Map, Value};

use super::{
    ErrorCode,
    frame_fields::{FrameError, conversation_not_found, truthy, uuid},
};
use crate::domain::{ClientId, ConversationId, InvalidText, MessageId, MessageText, UserId};

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFrame {
    pub target: MessageTarget,
    pub text: MessageText,
    pub reply_to: Option<MessageId>,
    pub client_id: Option<ClientId>,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageTarget {
    User(UserId),
    Conversation(ConversationId),
}

impl MessageFrame {
    pub(super) fn parse(fields: &Map<String, Value>, max_chars: usize) -> Result<Self, FrameError> {
        let client_id = match fields.get("client_id") {
            None | Some(Value::Null) => None,
            Some(value) => {
                let client_id = value.as_str().map(ClientId::parse).and_then(Result::ok);
                Some(client_id.ok_or_else(|| {
                    FrameError::new(
                        ErrorCode::Invalid,
                        Some("client_id"),
                        crate::domain::InvalidClientId.to_string(),
                    )
                })?)
            }
        };
        match Self::parse_rest(fields, max_chars) {
            Ok((target, text, reply_to)) => Ok(Self { target, text, reply_to, client_id }),
            Err(error) => Err(FrameError { client_id, ..error }),
        }
    }

    fn parse_rest(
        fields: &Map<String, Value>,
        max_chars: usize,
    ) -> Result<(MessageTarget, MessageText, Option<MessageId>), FrameError> {
        let required = |field| {
            FrameError::new(ErrorCode::Required, Some(field), "recipient_id and text are required")
        };
        let text = match fields.get("text").or_else(|| fields.get("content")) {
            None | Some(Value::Null) => return Err(required("text")),
            Some(Value::String(text)) => text,
            Some(_) => {
                return Err(FrameError::new(
                    ErrorCode::Invalid,
                    Some("text"),
                    "Failed to send message: text must be a string",
                ));
            }
        };
        let target =
            match (truthy(fields.get("recipient_id")), truthy(fields.get("conversation_id"))) {
                (Some(recipient), _) => {
                    MessageTarget::User(user_id(recipient).ok_or_else(|| {
                        FrameError::new(
                            ErrorCode::NotFound,
                            Some("recipient_id"),
                            "Recipient not found",
                        )
                    })?)
                }
                (None, Some(conversation)) => MessageTarget::Conversation(
                    uuid(conversation).map(ConversationId).ok_or_else(conversation_not_found)?,
                ),
                (None, None) => return Err(required("recipient_id")),
            };
        let text = MessageText::parse(text, max_chars).map_err(|invalid| match invalid {
            InvalidText::Empty => required("text"),
            InvalidText::TooLong { .. } => {
                FrameError::new(ErrorCode::TooLong, Some("text"), invalid.to_string())
            }
            InvalidText::Nul => {
                FrameError::new(ErrorCode::Invalid, Some("text"), invalid.to_string())
            }
        })?;
        let reply_to = match truthy(fields.get("reply_to_id")) {
            None => None,
            Some(value) => Some(uuid(value).map(MessageId).ok_or_else(|| {
                FrameError::new(ErrorCode::NotFound, Some("reply_to_id"), "Reply message not found")
            })?),
        };
        Ok((target, text, reply_to))
    }
}

fn user_id(value: &Value) -> Option<UserId> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
    .map(UserId)
}
