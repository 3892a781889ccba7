//! `GET /api/follow/stats/{id}/`, open to anybody, and `GET /api/follow/my-stats/`

use actix_web::{HttpResponse, web};

use super::{
    error::ApiError,
    extract::Identity,
    problems::NoUser,
    viewer::{Viewer, no_user, user_in},
};
use crate::{
    actors::Services,
    domain::{FollowStats, UserId},
    protocol::FollowStatsView,
};

#[utoipa::path(
    get,
    path = "/api/follow/stats/{id}/",
    operation_id = "follow_stats",
    tag = "people",
    summary = "Numbers of followers of somebody",
    security((), ("token" = [])),
    params(("id" = i64, Path, description = "Of the user.")),
    responses(
        (
            status = 200,
            description = "`is_following` and `is_followed_by` in the eyes of the caller.",
            body = FollowStatsView,
        ),
        (status = 404, response = NoUser),
    ),
)]
pub(super) async fn of_user(
    services: web::Data<Services>,
    viewer: Viewer,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let user = user_in(&id)?;
    if services.storage().person(user).await?.is_none() {
        return Err(no_user());
    }
    let stats = stats(&services, user, viewer.id()).await?;
    Ok(HttpResponse::Ok().json(FollowStatsView::from(stats)))
}

#[utoipa::path(
    get,
    path = "/api/follow/my-stats/",
    operation_id = "my_follow_stats",
    tag = "people",
    summary = "Numbers of followers of the caller",
    responses(
        (status = 200, description = "The numbers.", body = FollowStatsView),
    ),
)]
pub(super) async fn mine(
    services: web::Data<Services>,
    Identity(viewer): Identity,
) -> Result<HttpResponse, ApiError> {
    let stats = stats(&services, viewer.id, None).await?;
    Ok(HttpResponse::Ok().json(FollowStatsView::from(stats)))
}

/// How one person stands in the eyes of `viewer`.
pub(super) async fn stats(
    services: &Services,
    user: UserId,
    viewer: Option<UserId>,
) -> Result<FollowStats, ApiError> {
    let stats = services.storage().follow_stats([user], viewer).await?;
    Ok(stats.get(&user).copied().unwrap_or_default())
}
