//! `GET /api/follow/notifications/`, `POST …/{id}/read/` and `POST …/read-all/`: who has begun to
//! follow me.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::{
    error::ApiError,
    extract::{Identity, Query, services},
    list_page::ListPage,
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Outcome, ReadFollows},
    domain::{FollowId, UserId},
    protocol::FollowNoticeView,
    storage::FollowSide,
};

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

pub(super) async fn read(
    services: web::Data<Services>,
    Identity(reader): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::parse_str(&id).map(FollowId).map_err(|_malformed| ApiError::not_found())?;
    mark(&services, reader.id, Some(id)).await?;
    let message = "Notification marked as read";
    Ok(HttpResponse::Ok().json(json!({"status": "success", "message": message})))
}

pub(super) async fn read_all(
    services: web::Data<Services>,
    Identity(reader): Identity,
) -> Result<HttpResponse, ApiError> {
    let count = mark(&services, reader.id, None).await?;
    let message = format!("Marked {count} notifications as read");
    Ok(HttpResponse::Ok().json(json!({"status": "success", "message": message})))
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
