//! `GET`, `PATCH /api/notifications/settings/`: what the caller wants to be told of.

use actix_web::{HttpResponse, web};

use super::{
    error::ApiError,
    extract::{Body, Identity},
    problems::BadRequest,
};
use crate::{
    actors::Services,
    commands::{ChangeSettings, Command, CommandError, Outcome},
};

#[utoipa::path(
    get,
    path = "/api/notifications/settings/",
    operation_id = "notification_settings",
    tag = "notifications",
    summary = "What the caller wants to be told of",
    responses((
        status = 200, description = "Empty unless something was written.", body = Object,
        example = json!({"message": false}),
    )),
)]
pub(super) async fn settings(
    services: web::Data<Services>,
    Identity(user): Identity,
) -> Result<HttpResponse, ApiError> {
    let settings = services.storage().read_as(user.id).await?.settings(user.id).await?;
    Ok(HttpResponse::Ok().json(settings.fields()))
}

#[utoipa::path(
    patch,
    path = "/api/notifications/settings/",
    operation_id = "change_notification_settings",
    tag = "notifications",
    summary = "Change what the caller wants to be told of",
    description = "Fields that are given replace those of that name; null removes one. `false` under \
                   the name of a verb (`message`, `reply`, `reaction`, `follow`) switches its \
                   notifications off; anything else is kept for the client, in at most 4096 bytes of \
                   JSON.",
    request_body = Object,
    responses(
        (
            status = 200, description = "All settings as they are now.", body = Object,
            example = json!({"message": false}),
        ),
        (status = 400, description = "They would be too large.", body = BadRequest),
    ),
)]
pub(super) async fn change(
    services: web::Data<Services>,
    Identity(user): Identity,
    Body(changes): Body,
) -> Result<HttpResponse, ApiError> {
    let change = Command::ChangeSettings(ChangeSettings { user: user.id, changes });
    let Outcome::SettingsChanged(settings) = services.execute(change, user.id).await? else {
        return Err(CommandError::Internal.into());
    };
    Ok(HttpResponse::Ok().json(settings.fields()))
}
