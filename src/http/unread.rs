//! Unread counts: with one person, and in total.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::{error::ApiError, extract::Identity};
use crate::{
    actors::Services,
    domain::{DirectPair, UserId},
};

/// `GET /api/messaging/unread-count/`
pub(super) async fn total(
    services: web::Data<Services>,
    Identity(viewer): Identity,
) -> Result<HttpResponse, ApiError> {
    let unread = services.storage().read_as(viewer.id).await?.unread_count(viewer.id, None).await?;
    Ok(HttpResponse::Ok().json(json!({"unread_count": unread})))
}

/// `GET /api/messaging/messages/user/{id}/unread/`
pub(super) async fn with_user(
    services: web::Data<Services>,
    Identity(viewer): Identity,
    other: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let reader = services.storage().read_as(viewer.id).await?;
    let other = other.parse().map(UserId).map_err(|_not_a_number| ApiError::not_found())?;
    if reader.person(other).await?.is_none() {
        return Err(ApiError::user_not_found());
    }
    let conversation = match DirectPair::new(viewer.id, other) {
        Some(pair) => reader.conversation_of_pair(pair, viewer.id).await?,
        None => None,
    };
    let unread = match conversation {
        Some(conversation) => reader.unread_count(viewer.id, Some(conversation.id)).await?,
        None => 0,
    };
    Ok(HttpResponse::Ok().json(json!({"unread_count": unread})))
}
