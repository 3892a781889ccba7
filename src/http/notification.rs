//! `GET`, `DELETE /api/notifications/{id}/`

use actix_web::{HttpResponse, web};

use super::{error::ApiError, extract::Identity, problems::NoNotification};
use crate::{
    actors::Services,
    commands::{Command, CommandError, DeleteNotification},
    domain::NotificationId,
    protocol::NotificationView,
};

#[utoipa::path(
    get,
    path = "/api/notifications/{id}/",
    operation_id = "notification",
    tag = "notifications",
    summary = "One notification",
    params(("id" = i64, Path, description = "Of the notification.")),
    responses(
        (status = 200, description = "The notification.", body = NotificationView),
        (status = 404, response = NoNotification),
    ),
)]
pub(super) async fn get(
    services: web::Data<Services>,
    Identity(viewer): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = notification_in(&id)?;
    let found = services.storage().read_as(viewer.id).await?.notification(&viewer, id).await?;
    let found = found.ok_or(CommandError::NotificationNotFound)?;
    Ok(HttpResponse::Ok().json(NotificationView::new(&found)))
}

#[utoipa::path(
    delete,
    path = "/api/notifications/{id}/",
    operation_id = "delete_notification",
    tag = "notifications",
    summary = "Delete a notification",
    params(("id" = i64, Path, description = "Of the notification.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, response = NoNotification),
    ),
)]
pub(super) async fn delete(
    services: web::Data<Services>,
    Identity(viewer): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (user, notification) = (viewer.id, notification_in(&id)?);
    let command = Command::DeleteNotification(DeleteNotification { user, notification });
    services.execute(command, user).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The notification a path names; anything but a number is no such page.
pub(super) fn notification_in(path: &str) -> Result<NotificationId, ApiError> {
    path.parse().map(NotificationId).map_err(|_not_a_number| ApiError::not_found())
}
