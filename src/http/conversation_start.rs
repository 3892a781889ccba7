//! `POST /api/messaging/conversations/` and its old spellings: open a conversation with somebody.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    conversation_list::view_of_one,
    error::ApiError,
    extract::{Body, Identity},
    fields::{client_id, message_text},
    problems::{BadRequest, ErrorText, TooManyRequests},
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Outcome, StartConversation},
    domain::UserId,
    protocol::ConversationView,
};

/// Whom to start a conversation with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct NewConversation {
    /// Id of the other person.
    #[schema(example = 9)]
    target_user_id: Option<i64>,
    /// Another name of `target_user_id`.
    participant_id: Option<i64>,
    /// Another name of `target_user_id`.
    recipient_id: Option<i64>,
    /// Another name of `target_user_id`.
    user_id: Option<i64>,
    /// Exact user name of the other person; looked at when there is no id.
    #[schema(nullable = false)]
    participant_username: Option<String>,
    /// Another name of `participant_username`.
    #[schema(nullable = false)]
    recipient_username: Option<String>,
    /// Sent at once; blank means none.
    initial_message: Option<String>,
    /// The sender's own name for that message.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
}

/// How a body names the other person.
enum Other<'a> {
    Id(&'static str, &'a Value),
    Name(&'static str, &'a str),
}

#[utoipa::path(
    post,
    path = "/api/messaging/conversations/",
    operation_id = "start_conversation",
    tag = "conversations",
    summary = "Start a conversation, or find the one there is",
    description = "Names the other person by the first of `target_user_id`, `participant_id`, \
                   `recipient_id`, `user_id`, or else of `participant_username`, \
                   `recipient_username`.",
    request_body = NewConversation,
    responses(
        (status = 200, description = "It was there.", body = ConversationView),
        (status = 201, description = "It is new.", body = ConversationView),
        (status = 400, description = "A field is wrong, or nobody is named.", body = BadRequest),
        (
            status = 404, description = "No such user.", body = ErrorText,
            example = json!({"error": "User not found"}),
        ),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn start(
    services: web::Data<Services>,
    Identity(starter): Identity,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let other = other(&services, &body).await?;
    let initial_message = match body.get("initial_message") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(value) => {
            let max_chars = services.config().limits.message_chars;
            Some(message_text("initial_message", value, max_chars)?)
        }
    };
    if initial_message.is_some() {
        services.edge().rates.sends.check(&starter.id)?;
    }
    let start = StartConversation {
        starter: starter.clone(),
        other: other.id,
        initial_message,
        client_id: client_id(&body)?,
    };
    match services.execute(Command::StartConversation(start), starter.id).await {
        Ok(Outcome::Started(started)) => {
            let status = if started.created { StatusCode::CREATED } else { StatusCode::OK };
            let reader = services.storage().read_as(starter.id).await?;
            let view = view_of_one(&services, &reader, &starter, started.conversation).await?;
            Ok(HttpResponse::build(status).json(view))
        }
        Ok(_) => Err(CommandError::Internal.into()),
        Err(CommandError::SelfRecipient) => {
            Err(ApiError::field(other.field, "You cannot start a conversation with yourself."))
        }
        Err(error) => Err(error.into()),
    }
}

struct Found {
    id: UserId,
    field: &'static str,
}

async fn other(services: &Services, body: &Map<String, Value>) -> Result<Found, ApiError> {
    match named(body)? {
        Other::Id(field, value) => {
            let id = match value {
                Value::Number(number) => number.as_i64(),
                Value::String(text) => text.trim().parse().ok(),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
            };
            let id = id.ok_or_else(|| ApiError::field(field, "A valid integer is required."))?;
            Ok(Found { id: UserId(id), field })
        }
        Other::Name(field, name) => match services.storage().user_by_name(name).await? {
            Some(user) => Ok(Found { id: user.id, field }),
            // The old Messages page shows its alert on 404 only.
            None if field == "recipient_username" => Err(ApiError::user_not_found()),
            None => {
                let text = format!("User with username '{name}' does not exist.");
                Err(ApiError::field(field, text))
            }
        },
    }
}

fn named(body: &Map<String, Value>) -> Result<Other<'_>, ApiError> {
    for field in ["target_user_id", "participant_id", "recipient_id", "user_id"] {
        if let Some(value) = body.get(field).filter(|value| !value.is_null()) {
            return Ok(Other::Id(field, value));
        }
    }
    for field in ["participant_username", "recipient_username"] {
        match body.get(field) {
            None => {}
            Some(Value::Null) => return Err(ApiError::field(field, "This field may not be null.")),
            Some(Value::String(name)) if name.trim().is_empty() => {
                return Err(ApiError::field(field, "This field may not be blank."));
            }
            Some(Value::String(name)) => return Ok(Other::Name(field, name.trim())),
            Some(_) => return Err(ApiError::field(field, "Not a valid string.")),
        }
    }
    Err(ApiError::field("participant_username", "This field is required."))
}
