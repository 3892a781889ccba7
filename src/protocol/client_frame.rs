//! What clients say over `/ws/chat/`, and the exact answer to everything malformed (contract §2.2).

use serde_json::{Map, Value};
use uuid::Uuid;

use super::ErrorCode;
use crate::domain::{
    ClientId, ConversationId, InvalidText, MessageId, MessageText, ReactionChange, ReactionText,
    UserId,
};

/// One well-formed frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFrame {
    Message(MessageFrame),
    MarkRead(MarkReadTarget),
    React(ReactionFrame),
    Typing { conversation: ConversationId, is_typing: bool },
    Authenticate { token: String },
    Ping,
}

/// A reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionFrame {
    pub message: MessageId,
    pub change: ReactionChange,
}

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

/// What to mark as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkReadTarget {
    Message(MessageId),
    Conversation(ConversationId),
}

/// A frame that is answered with an `error` event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError {
    pub text: String,
    pub code: ErrorCode,
    pub field: Option<&'static str>,
    /// The client's own name for the message, when it could be read.
    pub client_id: Option<ClientId>,
}

impl FrameError {
    pub(super) fn new(
        code: ErrorCode,
        field: Option<&'static str>,
        text: impl Into<String>,
    ) -> Self {
        Self { text: text.into(), code, field, client_id: None }
    }

    /// The answer to a binary frame: the connection stays open.
    pub fn binary() -> Self {
        Self::new(ErrorCode::InvalidFrame, None, "Invalid message format")
    }
}

impl ClientFrame {
    /// Every type of frame there is; others are not looked at.
    pub(super) const TYPES: [&str; 9] = [
        "message",
        "mark_read",
        "add_reaction",
        "react",
        "remove_reaction",
        "typing_start",
        "typing_stop",
        "authenticate",
        "ping",
    ];

    /// Reads one text frame; `max_chars` bounds the text of a message.
    pub fn parse(text: &str, max_chars: usize) -> Result<Self, FrameError> {
        let fields = fields(text)?;
        match known_type(&fields, &Self::TYPES) {
            Some("message") => MessageFrame::parse(&fields, max_chars).map(Self::Message),
            Some("mark_read") => mark_read(&fields).map(Self::MarkRead),
            Some("add_reaction") => reaction(&fields, ReactionChange::Set).map(Self::React),
            Some("react") => reaction(&fields, ReactionChange::Toggle).map(Self::React),
            Some("remove_reaction") => {
                reaction(&fields, |_named| ReactionChange::Remove).map(Self::React)
            }
            Some("typing_start") => typing(&fields, true),
            Some("typing_stop") => typing(&fields, false),
            Some("authenticate") => token(&fields).map(|token| Self::Authenticate { token }),
            Some("ping") => Ok(Self::Ping),
            Some(_) | None => Err(unknown_type(fields.get("type"))),
        }
    }
}

/// The type of a frame, if it is one of those there are.
pub(super) fn known_type<'a>(fields: &'a Map<String, Value>, types: &[&str]) -> Option<&'a str> {
    fields.get("type").and_then(Value::as_str).filter(|name| types.contains(name))
}

/// The fields of a frame, which must be a JSON object.
pub(super) fn fields(text: &str) -> Result<Map<String, Value>, FrameError> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => {
            Err(FrameError::new(ErrorCode::InvalidFrame, None, "An unexpected error occurred"))
        }
        Err(_) => Err(FrameError::new(ErrorCode::InvalidFrame, None, "Invalid message format")),
    }
}

impl MessageFrame {
    fn parse(fields: &Map<String, Value>, max_chars: usize) -> Result<Self, FrameError> {
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

fn mark_read(fields: &Map<String, Value>) -> Result<MarkReadTarget, FrameError> {
    if let Some(message) = truthy(fields.get("message_id")) {
        return uuid(message).map(MessageId).map(MarkReadTarget::Message).ok_or_else(|| {
            FrameError::new(ErrorCode::NotFound, Some("message_id"), "Message not found")
        });
    }
    match truthy(fields.get("conversation_id")) {
        Some(conversation) => uuid(conversation)
            .map(ConversationId)
            .map(MarkReadTarget::Conversation)
            .ok_or_else(conversation_not_found),
        None => {
            Err(FrameError::new(ErrorCode::Required, Some("message_id"), "message_id is required"))
        }
    }
}

/// The reaction has two names and is asked for even where it is to be removed.
fn reaction(
    fields: &Map<String, Value>,
    change: impl FnOnce(ReactionText) -> ReactionChange,
) -> Result<ReactionFrame, FrameError> {
    let required = |field| {
        let text = "message_id and reaction/reaction_type are required";
        FrameError::new(ErrorCode::Required, Some(field), text)
    };
    let message = truthy(fields.get("message_id")).ok_or_else(|| required("message_id"))?;
    let reaction = truthy(fields.get("reaction")).or_else(|| truthy(fields.get("reaction_type")));
    let reaction = reaction.ok_or_else(|| required("reaction"))?;
    let reaction = reaction.as_str().unwrap_or_default();
    let reaction = ReactionText::parse(reaction).map_err(|invalid| {
        FrameError::new(ErrorCode::Invalid, Some("reaction"), invalid.to_string())
    })?;
    let message = uuid(message).map(MessageId).ok_or_else(|| {
        FrameError::new(ErrorCode::NotFound, Some("message_id"), "Message not found")
    })?;
    Ok(ReactionFrame { message, change: change(reaction) })
}

fn typing(fields: &Map<String, Value>, is_typing: bool) -> Result<ClientFrame, FrameError> {
    let given = truthy(fields.get("conversation_id")).ok_or_else(|| {
        FrameError::new(
            ErrorCode::Required,
            Some("conversation_id"),
            "Failed to update typing status: ['Conversation ID is required']",
        )
    })?;
    // A conversation that cannot exist is one the client may not type in: nobody hears of it.
    let conversation = ConversationId(uuid(given).unwrap_or_default());
    Ok(ClientFrame::Typing { conversation, is_typing })
}

pub(super) fn token(fields: &Map<String, Value>) -> Result<String, FrameError> {
    match truthy(fields.get("token")).and_then(Value::as_str) {
        Some(token) => Ok(token.to_owned()),
        None => Err(FrameError::new(
            ErrorCode::Required,
            Some("token"),
            "Token is required for authentication",
        )),
    }
}

fn conversation_not_found() -> FrameError {
    FrameError::new(ErrorCode::NotFound, Some("conversation_id"), "Conversation not found")
}

/// The text names the type the way the replaced server's language prints it.
pub(super) fn unknown_type(value: Option<&Value>) -> FrameError {
    let shown = match value {
        None | Some(Value::Null) => "None".to_owned(),
        Some(Value::String(name)) => name.chars().take(64).collect(),
        Some(Value::Bool(true)) => "True".to_owned(),
        Some(Value::Bool(false)) => "False".to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(_) | Value::Object(_)) => "object".to_owned(),
    };
    FrameError::new(ErrorCode::UnknownType, Some("type"), format!("Unknown message type: {shown}"))
}

/// Missing, null, empty, zero and false all mean "not given", as they did to the old server.
pub(super) fn truthy(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) => true,
    })
}

fn user_id(value: &Value) -> Option<UserId> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
    .map(UserId)
}

fn uuid(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| Uuid::parse_str(text).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(text: &str) -> (String, ErrorCode, Option<&'static str>) {
        let error = ClientFrame::parse(text, 10).expect_err(text);
        (error.text, error.code, error.field)
    }

    #[test]
    fn every_malformed_frame_has_its_text() {
        use ErrorCode::{Invalid, InvalidFrame, NotFound, Required, TooLong, UnknownType};
        let required = "recipient_id and text are required";
        for (frame, text, code, field) in [
            ("nonsense", "Invalid message format", InvalidFrame, None),
            ("", "Invalid message format", InvalidFrame, None),
            ("[]", "An unexpected error occurred", InvalidFrame, None),
            ("null", "An unexpected error occurred", InvalidFrame, None),
            ("5", "An unexpected error occurred", InvalidFrame, None),
            (r#""x""#, "An unexpected error occurred", InvalidFrame, None),
            ("{}", "Unknown message type: None", UnknownType, Some("type")),
            (r#"{"type":null}"#, "Unknown message type: None", UnknownType, Some("type")),
            (r#"{"type":"zzz"}"#, "Unknown message type: zzz", UnknownType, Some("type")),
            (r#"{"type":5}"#, "Unknown message type: 5", UnknownType, Some("type")),
            (r#"{"type":"message"}"#, required, Required, Some("text")),
            (r#"{"type":"message","text":"x"}"#, required, Required, Some("recipient_id")),
            (
                r#"{"type":"message","recipient_id":0,"text":"x"}"#,
                required,
                Required,
                Some("recipient_id"),
            ),
            (
                r#"{"type":"message","recipient_id":9,"text":"  "}"#,
                required,
                Required,
                Some("text"),
            ),
            (
                r#"{"type":"message","recipient_id":9,"text":null}"#,
                required,
                Required,
                Some("text"),
            ),
            (
                r#"{"type":"message","recipient_id":9,"text":5}"#,
                "Failed to send message: text must be a string",
                Invalid,
                Some("text"),
            ),
            (
                r#"{"type":"message","recipient_id":"nine","text":"x"}"#,
                "Recipient not found",
                NotFound,
                Some("recipient_id"),
            ),
            (
                r#"{"type":"message","recipient_id":99999999999999999999,"text":"x"}"#,
                "Recipient not found",
                NotFound,
                Some("recipient_id"),
            ),
            (
                r#"{"type":"message","recipient_id":[9],"text":"x"}"#,
                "Recipient not found",
                NotFound,
                Some("recipient_id"),
            ),
            (
                r#"{"type":"message","recipient_id":9,"text":"x","reply_to_id":"no"}"#,
                "Reply message not found",
                NotFound,
                Some("reply_to_id"),
            ),
            (
                r#"{"type":"message","recipient_id":9,"text":"12345678901"}"#,
                "Message content is too long (max 10 characters).",
                TooLong,
                Some("text"),
            ),
            (
                "{\"type\":\"message\",\"recipient_id\":9,\"text\":\"a\\u0000b\"}",
                "Null characters are not allowed.",
                Invalid,
                Some("text"),
            ),
            (
                r#"{"type":"message","recipient_id":9,"text":"x","client_id":""}"#,
                "client_id must be 1 to 64 characters without control characters.",
                Invalid,
                Some("client_id"),
            ),
            (r#"{"type":"mark_read"}"#, "message_id is required", Required, Some("message_id")),
            (
                r#"{"type":"mark_read","message_id":"no"}"#,
                "Message not found",
                NotFound,
                Some("message_id"),
            ),
        ] {
            assert_eq!(error(frame), (text.to_owned(), code, field), "{frame}");
        }
    }

    #[test]
    fn a_message_names_its_recipient_as_number_or_numeric_string() {
        for recipient in ["9", r#""9""#, r#"" 9 ""#] {
            let frame = format!(r#"{{"type":"message","recipient_id":{recipient},"text":" hi "}}"#);

            let Ok(ClientFrame::Message(message)) = ClientFrame::parse(&frame, 10) else {
                panic!("{frame}");
            };

            assert_eq!(message.target, MessageTarget::User(UserId(9)));
            assert_eq!(message.text.as_str(), "hi");
            assert_eq!(message.reply_to, None);
        }
    }

    #[test]
    fn an_error_names_the_message_it_is_about() {
        let frame = r#"{"type":"message","recipient_id":"x","text":"hi","client_id":"c-1"}"#;

        let error = ClientFrame::parse(frame, 10).expect_err("no such recipient");

        assert_eq!(error.client_id, ClientId::parse("c-1").ok());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,200}") {
            drop(ClientFrame::parse(&text, 10));
        }

        #[test]
        fn no_json_makes_the_parser_panic(
            field in "type|recipient_id|text|reply_to_id|client_id|message_id|conversation_id",
            value in "null|true|-1|1e400|\"\"|\"x\"|\\[\\]|\\{\\}|\\[\\[1\\]\\]",
        ) {
            let frame = format!(
                r#"{{"type":"message","recipient_id":9,"text":"hi","{field}":{value}}}"#
            );
            drop(ClientFrame::parse(&frame, 10));
        }
    }
}
