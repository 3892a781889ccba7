//! `GET /api/messaging/conversations/{id}/messages/`: a page of history.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    conversation_detail::own_conversation,
    error::ApiError,
    extract::{Identity, Query},
    pagination::{Envelope, MessagePaging, message_page},
    problems::{BadRequest, Problem},
};
use crate::{
    actors::Services,
    domain::{ConversationId, clock},
    protocol::MessageView,
};

#[utoipa::path(
    get,
    path = "/api/messaging/conversations/{id}/messages/",
    operation_id = "list_messages",
    tag = "messages",
    summary = "A page of the messages of a conversation",
    params(("id" = ConversationId, Path, description = "Of the conversation."), MessagePaging),
    responses(
        (
            status = 200,
            description = "Page 1 is the newest; inside a page the oldest message comes first.",
            body = Envelope,
        ),
        (status = 400, description = "A parameter is wrong.", body = BadRequest),
        (
            status = 404,
            description = "Not a conversation of the caller, or `page` is not a page.",
            body = Problem, example = json!({"detail": "No Conversation matches the given query."}),
        ),
    ),
)]
pub(super) async fn messages(
    services: web::Data<Services>,
    request: HttpRequest,
    Identity(viewer): Identity,
    id: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let reader = services.storage().read_as(viewer.id).await?;
    let conversation = own_conversation(&reader, &id, &viewer).await?;
    let participant = conversation.participant(viewer.id).ok_or_else(ApiError::not_found)?;
    let page = message_page(&reader, &request, &query, &conversation, participant).await?;
    let now = clock::now();
    Ok(HttpResponse::Ok().json(Envelope {
        count: page.count,
        next: page.next.as_deref(),
        previous: page.previous.as_deref(),
        has_more: page.has_more,
        results: page
            .messages
            .iter()
            .map(|details| MessageView::new(details, services.online(), now))
            .collect(),
    }))
}
