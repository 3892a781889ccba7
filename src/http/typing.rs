//! `POST /api/messaging/conversations/{id}/typing/start/` and `…/stop/`

use actix_web::{HttpResponse, web};

use super::{
    conversation_detail::conversation_in, error::ApiError, extract::Identity,
    problems::NoConversation, success::Success,
};
use crate::{actors::Services, domain::ConversationId};

#[utoipa::path(
    post,
    path = "/api/messaging/conversations/{id}/typing/start/",
    operation_id = "start_typing",
    tag = "conversations",
    summary = "Tell that the caller types",
    params(("id" = ConversationId, Path, description = "Of the conversation.")),
    responses(
        (status = 200, description = "Told.", body = Success),
        (status = 404, response = NoConversation),
    ),
)]
pub(super) async fn start(
    services: web::Data<Services>,
    identity: Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    tell(&services, identity, &id, true).await
}

#[utoipa::path(
    post,
    path = "/api/messaging/conversations/{id}/typing/stop/",
    operation_id = "stop_typing",
    tag = "conversations",
    summary = "Tell that the caller no longer types",
    params(("id" = ConversationId, Path, description = "Of the conversation.")),
    responses(
        (status = 200, description = "Told.", body = Success),
        (status = 404, response = NoConversation),
    ),
)]
pub(super) async fn stop(
    services: web::Data<Services>,
    identity: Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    tell(&services, identity, &id, false).await
}

async fn tell(
    services: &Services,
    Identity(person): Identity,
    id: &str,
    is_typing: bool,
) -> Result<HttpResponse, ApiError> {
    let conversation = conversation_in(services, id, &person).await?;
    services.type_in(None, person, conversation.id, is_typing).await;
    Ok(HttpResponse::Ok().json(Success::plain()))
}
