//! `GET /api/messaging/users/{id}/status/`: only for people who share a conversation with the asker.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, extract::Identity, problems::NotFound};
use crate::{
    actors::Services,
    domain::{DirectPair, UserId, clock},
    protocol::Stamp,
};

/// Whether somebody is online.
#[derive(Serialize, ToSchema)]
struct Presence<'a> {
    user_id: i64,
    username: &'a str,
    is_online: bool,
    /// `online` or `offline`.
    status: &'static str,
    #[schema(required)]
    last_active: Option<Stamp>,
    /// The current moment while online, else null.
    #[schema(required)]
    last_seen: Option<Stamp>,
}

#[utoipa::path(
    get,
    path = "/api/messaging/users/{id}/status/",
    operation_id = "user_status",
    tag = "people",
    summary = "Whether somebody is online",
    description = "For people who share a conversation with the caller.",
    params(("id" = i64, Path, description = "Of the user.")),
    responses(
        (status = 200, description = "The status.", body = Presence),
        (status = 404, description = "No such user, or no conversation with him.", body = NotFound),
    ),
)]
pub(super) async fn status(
    services: web::Data<Services>,
    Identity(viewer): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let reader = services.storage().read_as(viewer.id).await?;
    let id = id.parse().map(UserId).map_err(|_not_a_number| ApiError::not_found())?;
    let shares_one = match DirectPair::new(viewer.id, id) {
        Some(pair) => reader.conversation_of_pair(pair, viewer.id).await?.is_some(),
        None => true,
    };
    let person = reader.person(id).await?.filter(|_| shares_one);
    let person = person.ok_or_else(ApiError::user_not_found)?;
    let is_online = services.online().contains(id);
    let now = Stamp(clock::now());
    let last_active = if is_online { Some(now) } else { person.last_active_at.map(Stamp) };
    Ok(HttpResponse::Ok().json(Presence {
        user_id: id.0,
        username: &person.username,
        is_online,
        status: if is_online { "online" } else { "offline" },
        last_active,
        last_seen: is_online.then_some(now),
    }))
}
