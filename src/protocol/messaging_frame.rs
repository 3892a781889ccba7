//! What clients say over `/ws/messaging/` (contract §3.2).

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    ErrorCode,
    client_frame::{FrameError, fields, known_type, token, truthy, unknown_type},
};
use crate::domain::ConversationId;

/// One well-formed frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessagingFrame {
    Authenticate { token: String },
    Join(ConversationName),
    Leave(ConversationName),
    Typing { conversation: ConversationName, is_typing: bool },
    Ping,
}

/// A conversation as the client spells it; without an id it cannot be one of his.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationName {
    pub id: Option<ConversationId>,
    pub spelling: String,
}

impl MessagingFrame {
    /// Every type of frame there is; others are not looked at.
    pub(super) const TYPES: [&str; 6] = [
        "authenticate",
        "join_conversation",
        "leave_conversation",
        "typing_start",
        "typing_stop",
        "ping",
    ];

    /// Reads one text frame.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        let fields = fields(text)?;
        match known_type(&fields, &Self::TYPES) {
            Some("authenticate") => token(&fields).map(|token| Self::Authenticate { token }),
            Some("join_conversation") => {
                conversation(&fields, "Failed to join conversation").map(Self::Join)
            }
            Some("leave_conversation") => {
                conversation(&fields, "Failed to leave conversation").map(Self::Leave)
            }
            Some("typing_start") => typing(&fields, true),
            Some("typing_stop") => typing(&fields, false),
            Some("ping") => Ok(Self::Ping),
            Some(_) | None => Err(unknown_type(fields.get("type"))),
        }
    }

    /// What somebody without an identity is answered; `None` for what he may do.
    pub fn refusal_when_anonymous(&self) -> Option<&'static str> {
        match self {
            Self::Authenticate { .. } | Self::Ping => None,
            Self::Join(_) => Some("Authentication required to join conversations"),
            Self::Leave(_) | Self::Typing { .. } => Some("Authentication required"),
        }
    }
}

fn typing(fields: &Map<String, Value>, is_typing: bool) -> Result<MessagingFrame, FrameError> {
    let conversation = conversation(fields, "Failed to update typing status")?;
    Ok(MessagingFrame::Typing { conversation, is_typing })
}

fn conversation(
    fields: &Map<String, Value>,
    failure: &str,
) -> Result<ConversationName, FrameError> {
    let Some(value) = truthy(fields.get("conversation_id")) else {
        return Err(FrameError::new(
            ErrorCode::Required,
            Some("conversation_id"),
            format!("{failure}: ['Conversation ID is required']"),
        ));
    };
    let spelling: String = value.as_str().unwrap_or_default().chars().take(64).collect();
    let id = Uuid::parse_str(&spelling).ok().map(ConversationId);
    Ok(ConversationName { id, spelling })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_malformed_frame_has_its_text() {
        for (frame, text) in [
            ("nonsense", "Invalid message format"),
            ("[]", "An unexpected error occurred"),
            ("{}", "Unknown message type: None"),
            (r#"{"type":"send_message"}"#, "Unknown message type: send_message"),
            (r#"{"type":"authenticate"}"#, "Token is required for authentication"),
            (
                r#"{"type":"join_conversation"}"#,
                "Failed to join conversation: ['Conversation ID is required']",
            ),
            (
                r#"{"type":"leave_conversation","conversation_id":""}"#,
                "Failed to leave conversation: ['Conversation ID is required']",
            ),
            (
                r#"{"type":"typing_start"}"#,
                "Failed to update typing status: ['Conversation ID is required']",
            ),
        ] {
            assert_eq!(MessagingFrame::parse(frame).expect_err(frame).text, text, "{frame}");
        }
    }

    #[test]
    fn a_conversation_that_is_no_uuid_has_no_id() {
        let frame = r#"{"type":"join_conversation","conversation_id":"x"}"#;

        let Ok(MessagingFrame::Join(name)) = MessagingFrame::parse(frame) else {
            panic!("{frame}");
        };

        assert_eq!(name, ConversationName { id: None, spelling: "x".into() });
    }
}
