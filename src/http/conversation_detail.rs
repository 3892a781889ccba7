//! `GET /api/messaging/conversations/{id}/`: the conversation with its newest messages. Opening it
//! marks them as read, as it did in the replaced service.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    conversation_list::view_of_one,
    error::ApiError,
    extract::{Identity, Query},
    pagination::{MessagePaging, message_page},
    problems::{BadRequest, Problem, StorageFull},
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, MarkRead},
    domain::{Conversation, ConversationId, Person, clock},
    protocol::{ConversationView, MarkReadTarget, MessageView},
    storage::Reader,
};

/// A conversation with a page of its messages, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationWithMessages)]
struct Answer<'a> {
    #[serde(flatten)]
    #[schema(value_type = ConversationView)]
    conversation: Value,
    messages: Vec<MessageView<'a>>,
    has_more: bool,
}

#[utoipa::path(
    get,
    path = "/api/messaging/conversations/{id}/",
    operation_id = "conversation",
    tag = "conversations",
    summary = "A conversation with a page of its messages",
    description = "Opening it marks it as read.",
    params(("id" = ConversationId, Path, description = "Of the conversation."), MessagePaging),
    responses(
        (status = 200, description = "The conversation.", body = Answer),
        (status = 400, description = "A parameter is wrong.", body = BadRequest),
        (
            status = 404,
            description = "Not a conversation of the caller, or `page` is not a page.",
            body = Problem, example = json!({"detail": "No Conversation matches the given query."}),
        ),
        (status = 507, response = StorageFull),
    ),
)]
pub(super) async fn detail(
    services: web::Data<Services>,
    request: HttpRequest,
    Identity(viewer): Identity,
    id: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let opened = conversation_in(&services, &id, &viewer).await?;
    let target = MarkReadTarget::Conversation(opened.id);
    let mark = Command::MarkRead(MarkRead { reader: viewer.clone(), target });
    services.execute(mark, viewer.id).await?;

    let reader = services.storage().read_as(viewer.id).await?;
    let conversation = own_conversation(&reader, &id, &viewer).await?;
    let participant = conversation.participant(viewer.id).ok_or_else(ApiError::not_found)?;
    let page = message_page(&reader, &request, &query, &conversation, participant).await?;
    let now = clock::now();
    let messages: Vec<_> = page
        .messages
        .iter()
        .map(|details| MessageView::new(details, services.online(), now))
        .collect();
    let conversation = view_of_one(&services, &reader, &viewer, conversation).await?;
    Ok(HttpResponse::Ok().json(Answer { conversation, messages, has_more: page.has_more }))
}

/// A conversation of `viewer` by the text in the path; 404 for anything else.
pub(super) async fn own_conversation(
    reader: &Reader,
    id: &str,
    viewer: &Person,
) -> Result<Conversation, ApiError> {
    let id = Uuid::parse_str(id).map_err(|_malformed| ApiError::not_found())?;
    let found = reader.conversation(ConversationId(id), viewer.id).await?;
    found.ok_or_else(|| CommandError::ConversationNotFound.into())
}

/// [`own_conversation`] when nothing else is read.
pub(super) async fn conversation_in(
    services: &Services,
    id: &str,
    viewer: &Person,
) -> Result<Conversation, ApiError> {
    own_conversation(&services.storage().read_as(viewer.id).await?, id, viewer).await
}
