//! Checking the fields of a body, with the words of the replaced service.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::ApiError;
use crate::domain::{ClientId, InvalidText, MessageId, MessageText};

/// Reads fields one by one and gathers what is wrong with them.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    body: &'a Map<String, Value>,
    errors: Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub fn new(body: &'a Map<String, Value>) -> Self {
        Self { body, errors: Map::new() }
    }

    /// A text that must be there, as it stands.
    pub fn required(&mut self, name: &str, max_chars: usize) -> String {
        match self.body.get(name) {
            None => self.wrong(name, "This field is required."),
            Some(Value::Null) => self.wrong(name, "This field may not be null."),
            Some(value) => match text(value) {
                None => self.wrong(name, "Not a valid string."),
                Some(text) if text.trim().is_empty() => {
                    self.wrong(name, "This field may not be blank.")
                }
                Some(text) => self.bounded(name, text, max_chars),
            },
        }
    }

    /// A text that may be missing, null or blank; trimmed.
    pub fn optional(&mut self, name: &str, max_chars: usize) -> Option<String> {
        match self.body.get(name) {
            None | Some(Value::Null) => None,
            Some(value) => match text(value) {
                None => {
                    self.wrong(name, "Not a valid string.");
                    None
                }
                Some(text) => {
                    let text = self.bounded(name, text.trim().to_owned(), max_chars);
                    (!text.is_empty()).then_some(text)
                }
            },
        }
    }

    /// Notes that a field is wrong.
    pub fn wrong(&mut self, name: &str, text: &str) -> String {
        self.errors.insert(name.to_owned(), json!([text]));
        String::new()
    }

    /// The errors of all fields, if there are any.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::fields(self.errors)) }
    }

    fn bounded(&mut self, name: &str, text: String, max_chars: usize) -> String {
        if text.contains('\0') {
            return self.wrong(name, "Null characters are not allowed.");
        }
        if text.chars().count() > max_chars {
            let error = format!("Ensure this field has no more than {max_chars} characters.");
            return self.wrong(name, &error);
        }
        text
    }
}

/// Texts, and numbers as texts.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The text of a message; `field` is what a client called it.
pub(super) fn message_text(
    field: &str,
    value: &Value,
    max_chars: usize,
) -> Result<MessageText, ApiError> {
    let Value::String(text) = value else {
        return Err(ApiError::field(field, "Not a valid string."));
    };
    MessageText::parse(text, max_chars).map_err(|invalid| match invalid {
        InvalidText::Empty => {
            ApiError::error(actix_web::http::StatusCode::BAD_REQUEST, &invalid.to_string())
        }
        InvalidText::TooLong { .. } | InvalidText::Nul => {
            ApiError::field(field, invalid.to_string())
        }
    })
}

/// The message to answer: null and blank mean none.
pub(super) fn reply_to(body: &Map<String, Value>) -> Result<Option<MessageId>, ApiError> {
    match body.get("reply_to_id").or_else(|| body.get("reply_to")) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(value) => match value.as_str().and_then(|text| Uuid::parse_str(text).ok()) {
            Some(id) => Ok(Some(MessageId(id))),
            None => Err(ApiError::field("reply_to_id", "Must be a valid UUID.")),
        },
    }
}

pub(super) fn client_id(body: &Map<String, Value>) -> Result<Option<ClientId>, ApiError> {
    match body.get("client_id") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_str().map(ClientId::parse) {
            Some(Ok(id)) => Ok(Some(id)),
            Some(Err(_)) | None => {
                Err(ApiError::field("client_id", crate::domain::InvalidClientId.to_string()))
            }
        },
    }
}
