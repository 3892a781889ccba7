//! `…/{id}/mark_read/`, `…/mark_all_read/` and `…/unread_count/` of `/api/notifications/`

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::ApiError, extract::Identity, notification::notification_in, problems::NoNotification,
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Outcome, ReadNotifications},
    domain::{NotificationId, UserId, clock},
    protocol::Stamp,
};

#[derive(Serialize, ToSchema)]
#[schema(as = MarkedNotification)]
struct MarkedOne {
    status: &'static str,
    notification_id: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MarkedNotifications)]
struct MarkedAll {
    status: &'static str,
    /// Those that were unread.
    updated_count: u64,
}

#[derive(Serialize, ToSchema)]
struct UnreadNotifications {
    unread_count: u64,
    status: &'static str,
    timestamp: Stamp,
}

#[utoipa::path(
    method(post, patch),
    path = "/api/notifications/{id}/mark_read/",
    operation_id = "read_notification",
    tag = "notifications",
    summary = "Mark a notification as read",
    params(("id" = i64, Path, description = "Of the notification.")),
    responses(
        (status = 200, description = "It is read.", body = MarkedOne),
        (status = 404, response = NoNotification),
    ),
)]
pub(super) async fn mark_read(
    services: web::Data<Services>,
    Identity(reader): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = notification_in(&id)?;
    mark(&services, reader.id, Some(id)).await?;
    Ok(HttpResponse::Ok()
        .json(MarkedOne { status: "notification marked as read", notification_id: id.0 }))
}

#[utoipa::path(
    method(post, patch),
    path = "/api/notifications/mark_all_read/",
    operation_id = "read_notifications",
    tag = "notifications",
    summary = "Mark all notifications as read",
    responses(
        (status = 200, description = "They are read.", body = MarkedAll),
    ),
)]
pub(super) async fn mark_all_read(
    services: web::Data<Services>,
    Identity(reader): Identity,
) -> Result<HttpResponse, ApiError> {
    let count = mark(&services, reader.id, None).await?;
    Ok(HttpResponse::Ok()
        .json(MarkedAll { status: "all notifications marked as read", updated_count: count }))
}

#[utoipa::path(
    get,
    path = "/api/notifications/unread_count/",
    operation_id = "unread_notifications",
    tag = "notifications",
    summary = "Unread notifications",
    responses(
        (status = 200, description = "The number.", body = UnreadNotifications),
    ),
)]
pub(super) async fn unread_count(
    services: web::Data<Services>,
    Identity(viewer): Identity,
) -> Result<HttpResponse, ApiError> {
    let reader = services.storage().read_as(viewer.id).await?;
    let count = reader.unread_notifications(viewer.id).await?;
    Ok(HttpResponse::Ok().json(UnreadNotifications {
        unread_count: count,
        status: "success",
        timestamp: Stamp(clock::now()),
    }))
}

async fn mark(
    services: &Services,
    reader: UserId,
    only: Option<NotificationId>,
) -> Result<u64, ApiError> {
    let command = Command::ReadNotifications(ReadNotifications { reader, only });
    let Outcome::NotificationsRead(read) = services.execute(command, reader).await? else {
        return Err(CommandError::Internal.into());
    };
    Ok(read.newly_read)
}
