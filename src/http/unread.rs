//! Unread counts: with one person, and in total.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, extract::Identity, problems::NotFound};
use crate::{
    actors::Services,
    domain::{DirectPair, UserId},
};

#[derive(Serialize, ToSchema)]
struct UnreadCount {
    unread_count: u64,
}

/// `GET /api/messaging/unread-count/`
#[utoipa::path(
    get,
    path = "/api/messaging/unread-count/",
    operation_id = "unread_count",
    tag = "messages",
    summary = "Unread messages in all conversations",
    responses(
        (
            status = 200, description = "The number.", body = UnreadCount,
            example = json!({"unread_count": 5}),
        ),
    ),
)]
pub(super) async fn total(
    services: web::Data<Services>,
    Identity(viewer): Identity,
) -> Result<HttpResponse, ApiError> {
    let unread = services.storage().read_as(viewer.id).await?.unread_count(viewer.id, None).await?;
    Ok(HttpResponse::Ok().json(UnreadCount { unread_count: unread }))
}

/// `GET /api/messaging/messages/user/{id}/unread/`
#[utoipa::path(
    get,
    path = "/api/messaging/messages/user/{id}/unread/",
    operation_id = "unread_count_with",
    tag = "messages",
    summary = "Unread messages of one person",
    params(("id" = i64, Path, description = "Of the user.")),
    responses(
        (
            status = 200, description = "The number; 0 without a conversation.", body = UnreadCount,
            example = json!({"unread_count": 2}),
        ),
        (status = 404, description = "No such user.", body = NotFound),
    ),
)]
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
    Ok(HttpResponse::Ok().json(UnreadCount { unread_count: unread }))
}
