//! What the frames of all endpoints have in common: an object with a type, and fields that may be given
//! in many ways.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::ErrorCode;
use crate::domain::ClientId;

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

pub(super) fn conversation_not_found() -> FrameError {
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

pub(super) fn uuid(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| Uuid::parse_str(text).ok())
}
