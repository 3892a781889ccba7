//! `POST /api/messaging/conversations/{id}/typing/start/` and `…/stop/`

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::{conversation_detail::conversation_in, error::ApiError, extract::Identity};
use crate::actors::Services;

pub(super) async fn start(
    services: web::Data<Services>,
    identity: Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    tell(&services, identity, &id, true).await
}

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
    Ok(HttpResponse::Ok().json(json!({"status": "success"})))
}
