//! `GET /api/follow/notifications/`, `POST …/{id}/read/` and `POST …/read-all/`: who has begun to
//! follow me.

use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::{
    error::ApiError,
    extract::{Identity, Query, services},
    list_page::{ListEnvelope, ListPage, ListPaging},
    problems::Problem,
    success::Success,
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Outcome, ReadFollows},
    domain::{FollowId, UserId},
    protocol::FollowNoticeView,
    storage::FollowSide,
};

#[utoipa::path(
    get,
    path = "/api/follow/notifications/",
    operation_id = "list_follow_notifications",
    tag = "people",
    summary = "Who has begun to follow the caller",
    params(ListPaging),
    responses(
        (status = 200, description = "Newest first.", body = ListEnvelope<FollowNoticeView>),
        (status = 404, description = "`page` is not a page.", body = Problem),
    ),
)]
pub(super) async fn list(
    request: HttpRequest,
    Identity(viewer): Identity,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let storage = services(&request).storage();
    let page = ListPage::of(&query)?;
    let side = FollowSide::Followers;
    let count = storage.follow_count(viewer.id, side).await?;
    let follows = storage.follow_page(viewer.id, side, page.offset(count)?, page.size).await?;
    let results = follows.iter().map(FollowNoticeView::new).collect();
    Ok(HttpResponse::Ok().json(page.envelope(&request, &query, count, results)))
}

#[utoipa::path(
    post,
    path = "/api/follow/notifications/{id}/read/",
    operation_id = "read_follow_notification",
    tag = "people",
    summary = "Mark a follow as read",
    params(("id" = FollowId, Path, description = "Of the follow.")),
    responses(
        (
            status = 200, description = "It is read.", body = Success,
            example = json!({"status": "success", "message": "Notification marked as read"}),
        ),
        (
            status = 404, description = "Not one of the caller's.", body = Problem,
            example = json!({"detail": "No FollowNotification matches the given query."}),
        ),
    ),
)]
pub(super) async fn read(
    services: web::Data<Services>,
    Identity(reader): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::parse_str(&id).map(FollowId).map_err(|_malformed| ApiError::not_found())?;
    mark(&services, reader.id, Some(id)).await?;
    Ok(HttpResponse::Ok().json(Success::saying("Notification marked as read")))
}

#[utoipa::path(
    post,
    path = "/api/follow/notifications/read-all/",
    operation_id = "read_follow_notifications",
    tag = "people",
    summary = "Mark all follows as read",
    responses(
        (
            status = 200, description = "They are read.", body = Success,
            example = json!({"status": "success", "message": "Marked 3 notifications as read"}),
        ),
    ),
)]
pub(super) async fn read_all(
    services: web::Data<Services>,
    Identity(reader): Identity,
) -> Result<HttpResponse, ApiError> {
    let count = mark(&services, reader.id, None).await?;
    let message = format!("Marked {count} notifications as read");
    Ok(HttpResponse::Ok().json(Success::saying(message)))
}

async fn mark(
    services: &Services,
    reader: UserId,
    only: Option<FollowId>,
) -> Result<u64, ApiError> {
    let command = Command::ReadFollows(ReadFollows { reader, only });
    let Outcome::FollowsRead(count) = services.execute(command, reader).await? else {
        return Err(CommandError::Internal.into());
    };
    Ok(count)
}
