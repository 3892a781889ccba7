//! `/api/messaging/messages/{id}/`: one message, to read, edit and delete.

use actix_web::{HttpResponse, web};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    error::ApiError,
    extract::{Body, Identity},
    fields::message_text,
    problems::{BadRequest, ErrorText, NoMessage, TooManyRequests},
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, DeleteMessage, EditMessage, Outcome},
    domain::{MessageDetails, MessageId, UserId, clock},
    protocol::MessageView,
    storage::StorageError,
};

/// The whole new text of a message.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct NewText {
    /// At most 8000 characters unless the server is configured otherwise.
    #[schema(pattern = r"\S", example = "lunch at two?")]
    content: Option<String>,
    /// Another name of `content`.
    body: Option<String>,
    /// Another name of `content`.
    text: Option<String>,
}

#[utoipa::path(
    get,
    path = "/api/messaging/messages/{id}/",
    operation_id = "message",
    tag = "messages",
    summary = "One message",
    params(("id" = MessageId, Path, description = "Of the message.")),
    responses(
        (status = 200, description = "The message.", body = MessageView),
        (status = 404, response = NoMessage),
    ),
)]
pub(super) async fn get(
    services: web::Data<Services>,
    Identity(viewer): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = message_id(&id)?;
    let details = details(&services, id, viewer.id).await?;
    Ok(answer(&services, &details.ok_or(CommandError::MessageNotFound)?))
}

/// PUT and PATCH: both take the whole text.
#[utoipa::path(
    method(put, patch),
    path = "/api/messaging/messages/{id}/",
    operation_id = "edit_message",
    tag = "messages",
    summary = "Change the text of a message",
    params(("id" = MessageId, Path, description = "Of the message.")),
    request_body = NewText,
    responses(
        (status = 200, description = "The message with its new text.", body = MessageView),
        (status = 400, description = "A field is wrong.", body = BadRequest),
        (
            status = 403, description = "Not the caller's own message.", body = ErrorText,
            example = json!({"error": "You can only edit your own messages."}),
        ),
        (status = 404, response = NoMessage),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn edit(
    services: web::Data<Services>,
    Identity(editor): Identity,
    id: web::Path<String>,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let message = message_id(&id)?;
    let given = ["content", "body", "text"].into_iter().find_map(|name| {
        body.get(name).filter(|value| !value.is_null()).map(|value| (name, value))
    });
    let nothing = Value::String(String::new());
    let (field, value) = given.unwrap_or(("content", &nothing));
    // Before the content: whoever does not see the message learns nothing else.
    if details(&services, message, editor.id).await?.is_none() {
        return Err(CommandError::MessageNotFound.into());
    }
    services.edge().rates.sends.check(&editor.id)?;
    let text = message_text(field, value, services.config().limits.message_chars)?;
    let edit = Command::EditMessage(EditMessage { editor: editor.id, message, text });
    let Outcome::Edited(mut edited) = services.execute(edit, editor.id).await? else {
        return Err(CommandError::Internal.into());
    };
    services.storage().add_unwritten_deliveries(&mut edited.details);
    Ok(answer(&services, &edited.details))
}

#[utoipa::path(
    delete,
    path = "/api/messaging/messages/{id}/",
    operation_id = "delete_message",
    tag = "messages",
    summary = "Delete a message",
    description = "By its author for both, by the other for himself.",
    params(("id" = MessageId, Path, description = "Of the message.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, response = NoMessage),
    ),
)]
pub(super) async fn delete(
    services: web::Data<Services>,
    Identity(by): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let delete = DeleteMessage { by: by.id, message: message_id(&id)? };
    services.execute(Command::DeleteMessage(delete), by.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn details(
    services: &Services,
    message: MessageId,
    viewer: UserId,
) -> Result<Option<MessageDetails>, StorageError> {
    services.storage().read_as(viewer).await?.message_details(message, viewer).await
}

/// The message a path names; what is no id names nothing.
pub(super) fn message_id(id: &str) -> Result<MessageId, ApiError> {
    Uuid::parse_str(id).map(MessageId).map_err(|_malformed| ApiError::not_found())
}

fn answer(services: &Services, details: &MessageDetails) -> HttpResponse {
    HttpResponse::Ok().json(MessageView::new(details, services.online(), clock::now()))
}
