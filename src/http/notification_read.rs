//! `…/{id}/mark_read/`, `…/mark_all_read/` and `…/unread_count/` of `/api/notifications/`

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::{error::ApiError, extract::Identity, notification::notification_in};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Outcome, ReadNotifications},
    domain::{NotificationId, UserId, clock},
    protocol::Stamp,
};

pub(super) async fn mark_read(
    services: web::Data<Services>,
    Identity(reader): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = notification_in(&id)?;
    mark(&services, reader.id, Some(id)).await?;
    Ok(HttpResponse::Ok().json(json!({
        "status": "notification marked as read",
        "notification_id": id.0,
    })))
}

pub(super) async fn mark_all_read(
    services: web::Data<Services>,
    Identity(reader): Identity,
) -> Result<HttpResponse, ApiError> {
    let count = mark(&services, reader.id, None).await?;
    Ok(HttpResponse::Ok().json(json!({
        "status": "all notifications marked as read",
        "updated_count": count,
    })))
}

pub(super) async fn unread_count(
    services: web::Data<Services>,
    Identity(viewer): Identity,
) -> Result<HttpResponse, ApiError> {
    let reader = services.storage().read_as(viewer.id).await?;
    let count = reader.unread_notifications(viewer.id).await?;
    Ok(HttpResponse::Ok().json(json!({
        "unread_count": count,
        "status": "success",
        "timestamp": Stamp(clock::now()),
    })))
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
