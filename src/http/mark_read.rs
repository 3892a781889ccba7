//! `POST /api/messaging/conversations/{id}/mark-read/` and `…/mark-messages-read/`

use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    conversation_detail::conversation_in,
    error::ApiError,
    extract::{Body, Identity},
    problems::{BadRequest, NoConversation},
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, MarkRead, Outcome},
    domain::{ConversationId, MessageId, Person},
    protocol::MarkReadTarget,
};

/// Most message ids one request may name.
const IDS_MAX: usize = 500;

/// Which messages have been read.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct MessageIds {
    #[schema(max_items = 500)]
    message_ids: Vec<MessageId>,
}

/// What became read.
#[derive(Serialize, ToSchema)]
struct MarkedRead {
    status: &'static str,
    marked: usize,
    message_ids: Vec<MessageId>,
}

impl MarkedRead {
    fn new(message_ids: Vec<MessageId>) -> Self {
        Self { status: "success", marked: message_ids.len(), message_ids }
    }
}

#[utoipa::path(
    post,
    path = "/api/messaging/conversations/{id}/mark-read/",
    operation_id = "mark_conversation_read",
    tag = "conversations",
    summary = "Mark a conversation as read",
    params(("id" = ConversationId, Path, description = "Of the conversation.")),
    responses(
        (
            status = 200, description = "At most the newest 1000 are counted and named.",
            body = MarkedRead,
        ),
        (status = 404, response = NoConversation),
    ),
)]
pub(super) async fn mark_read(
    services: web::Data<Services>,
    Identity(reader): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id =
        Uuid::parse_str(&id).map(ConversationId).map_err(|_malformed| ApiError::not_found())?;
    mark(&services, reader, MarkReadTarget::Conversation(id)).await
}

/// Marks up to the newest of the named messages; those of other conversations are passed over.
#[utoipa::path(
    post,
    path = "/api/messaging/conversations/{id}/mark-messages-read/",
    operation_id = "mark_messages_read",
    tag = "conversations",
    summary = "Mark as read up to the newest of the named messages",
    params(("id" = ConversationId, Path, description = "Of the conversation.")),
    request_body = MessageIds,
    responses(
        (
            status = 200, description = "At most the newest 1000 are counted and named.",
            body = MarkedRead,
        ),
        (status = 400, description = "A field is wrong.", body = BadRequest),
        (status = 404, response = NoConversation),
    ),
)]
pub(super) async fn mark_messages_read(
    services: web::Data<Services>,
    Identity(reader): Identity,
    id: web::Path<String>,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let conversation = conversation_in(&services, &id, &reader).await?;
    let Some(Value::Array(given)) = body.get("message_ids") else {
        return Err(ApiError::field("message_ids", "A list of message ids is required."));
    };
    if given.len() > IDS_MAX {
        let text = format!("Ensure this list has no more than {IDS_MAX} items.");
        return Err(ApiError::field("message_ids", text));
    }
    let ids: Option<Vec<_>> = given
        .iter()
        .map(|id| id.as_str().and_then(|id| Uuid::parse_str(id).ok()).map(MessageId))
        .collect();
    let ids = ids.ok_or_else(|| ApiError::field("message_ids", "Must be valid UUIDs."))?;
    let messages = services.storage().read_as(reader.id).await?.find_messages(ids).await?;
    let newest = messages
        .iter()
        .filter(|message| message.conversation == conversation.id && message.sender != reader.id)
        .filter(|message| message.deleted_at.is_none())
        .max_by_key(|message| message.seq);
    match newest {
        Some(message) => mark(&services, reader, MarkReadTarget::Message(message.id)).await,
        None => Ok(HttpResponse::Ok().json(MarkedRead::new(vec![]))),
    }
}

async fn mark(
    services: &Services,
    reader: Person,
    target: MarkReadTarget,
) -> Result<HttpResponse, ApiError> {
    let user = reader.id;
    let mark = Command::MarkRead(MarkRead { reader, target });
    let Outcome::MarkedRead(marked) = services.execute(mark, user).await? else {
        return Err(CommandError::Internal.into());
    };
    let ids = marked.newly_read.iter().map(|(id, _author)| *id).collect();
    Ok(HttpResponse::Ok().json(MarkedRead::new(ids)))
}
