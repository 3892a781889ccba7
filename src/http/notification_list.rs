//! `GET /api/notifications/`: a plain array, newest first. `POST` notes something for oneself.

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    error::ApiError,
    extract::{Body, Identity, Query},
    fields::Fields,
    problems::{BadRequest, Problem},
    viewer::forbidden,
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, CreateNotification, Outcome},
    domain::UserId,
    protocol::NotificationView,
    storage::NotificationFilter,
};

/// Longest list; the old page knows no second page of it.
const MOST: u64 = 200;

/// Largest payload a client may attach, in bytes of JSON.
const PAYLOAD_BYTES: usize = 4096;

/// A note to oneself.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct Note {
    #[schema(max_length = 200, pattern = r"\S", example = "call Omar")]
    message: String,
    /// `note` if left out.
    #[schema(max_length = 50)]
    verb: Option<String>,
    /// At most 4096 bytes of JSON.
    #[schema(value_type = Option<Object>)]
    payload: Option<Map<String, Value>>,
}

#[utoipa::path(
    get,
    path = "/api/notifications/",
    operation_id = "list_notifications",
    tag = "notifications",
    summary = "The caller's notifications",
    params(
        ("is_read" = Option<bool>, Query, description = "Only those that are, or are not."),
        ("verb" = Option<String>, Query, description = "Only those with this verb."),
    ),
    responses(
        (status = 200, description = "Newest first, at most 200.", body = Vec<NotificationView>),
    ),
)]
pub(super) async fn list(
    services: web::Data<Services>,
    Identity(viewer): Identity,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let filter = NotificationFilter {
        is_read: query.get("is_read").and_then(truth),
        verb: query.get("verb").filter(|verb| !verb.is_empty() && !verb.contains('\0')),
    };
    let reader = services.storage().read_as(viewer.id).await?;
    let found = reader.notifications(&viewer, filter, MOST).await?;
    let views: Vec<_> = found.iter().map(NotificationView::new).collect();
    Ok(HttpResponse::Ok().json(views))
}

#[utoipa::path(
    post,
    path = "/api/notifications/",
    operation_id = "create_notification",
    tag = "notifications",
    summary = "Note something for oneself",
    request_body = Note,
    responses(
        (status = 201, description = "The notification.", body = NotificationView),
        (status = 400, description = "A field is wrong.", body = BadRequest),
        (status = 403, description = "For somebody else.", body = Problem),
    ),
)]
pub(super) async fn create(
    services: web::Data<Services>,
    Identity(user): Identity,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    if !is_for(&body, user.id) {
        return Err(forbidden());
    }
    let mut fields = Fields::new(&body);
    let text = fields.required("message", 200).trim().to_owned();
    let verb = fields.optional("verb", 50).unwrap_or_else(|| "note".to_owned());
    let payload = match body.get("payload") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(payload)) => payload.clone(),
        Some(_) => {
            fields.wrong("payload", "Expected an object.");
            Map::new()
        }
    };
    let payload_text = serde_json::to_string(&payload).expect("JSON that has been read");
    if payload_text.len() > PAYLOAD_BYTES {
        let text = format!("Ensure this field has no more than {PAYLOAD_BYTES} bytes.");
        fields.wrong("payload", &text);
    }
    fields.finish()?;

    let owner = user.id;
    let create = Command::CreateNotification(CreateNotification { user, verb, text, payload });
    let Outcome::NotificationCreated(created) = services.execute(create, owner).await? else {
        return Err(CommandError::Internal.into());
    };
    Ok(HttpResponse::Created().json(NotificationView::new(&created)))
}

/// Whether a body names nobody else as the one to be told.
fn is_for(body: &Map<String, Value>, user: UserId) -> bool {
    match body.get("user").or_else(|| body.get("user_id")) {
        None | Some(Value::Null) => true,
        Some(Value::Number(number)) => number.as_i64() == Some(user.0),
        Some(Value::String(text)) => text.trim().parse() == Ok(user.0),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => false,
    }
}

/// Anything that is neither true nor false filters nothing.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_note_is_for_oneself() {
        let is_for_seven = |body: Value| is_for(body.as_object().expect("fields"), UserId(7));

        assert!(is_for_seven(json!({})));
        assert!(is_for_seven(json!({"user": 7})));
        assert!(is_for_seven(json!({"user_id": "7"})));
        assert!(!is_for_seven(json!({"user": 9})));
        assert!(!is_for_seven(json!({"user": [7]})));
    }

    #[test]
    fn a_filter_is_true_false_or_nothing() {
        assert_eq!(truth("true"), Some(true));
        assert_eq!(truth("False"), Some(false));
        assert_eq!(truth("maybe"), None);
    }
}
