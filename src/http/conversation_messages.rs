//! `GET /api/messaging/conversations/{id}/messages/`: a page of history.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    conversation_detail::own_conversation,
    error::ApiError,
    extract::{Identity, Query},
    pagination::{Envelope, message_page},
};
use crate::{actors::Services, domain::clock, protocol::MessageView};

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
