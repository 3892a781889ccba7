//! `/api/devices/`: devices that want to be woken by a push service.

use actix_web::{HttpResponse, web};
use utoipa::ToSchema;

use super::{
    error::ApiError,
    extract::{Body, Identity},
    fields::Fields,
    problems::{BadRequest, Problem},
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Outcome, RegisterDevice, RemoveDevice},
    domain::DeviceId,
    protocol::DeviceView,
    storage::NewDevice,
};

/// A device.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct Registration {
    /// What the push service calls the device.
    #[schema(max_length = 512, pattern = r"\S", example = "fcm-3f9a")]
    token: String,
    #[schema(max_length = 20, pattern = r"\S", example = "android")]
    platform: String,
    #[schema(max_length = 100, example = "Nadia's phone")]
    name: Option<String>,
}

#[utoipa::path(
    get,
    path = "/api/devices/",
    operation_id = "list_devices",
    tag = "notifications",
    summary = "The caller's devices",
    responses((
        status = 200, description = "At most 20, the one registered last first.",
        body = Vec<DeviceView>,
    )),
)]
pub(super) async fn list(
    services: web::Data<Services>,
    Identity(owner): Identity,
) -> Result<HttpResponse, ApiError> {
    let devices = services.storage().read_as(owner.id).await?.devices(owner.id).await?;
    let views: Vec<_> = devices.iter().map(DeviceView::new).collect();
    Ok(HttpResponse::Ok().json(views))
}

#[utoipa::path(
    post,
    path = "/api/devices/",
    operation_id = "register_device",
    tag = "notifications",
    summary = "Register a device",
    description = "Kept for a push service; this server has none. A token names one device: whoever \
                   registers it last has it. Of more than 20 devices the one registered longest ago \
                   makes room.",
    request_body = Registration,
    responses(
        (status = 201, description = "The device, perhaps known before.", body = DeviceView),
        (status = 400, description = "A field is wrong.", body = BadRequest),
    ),
)]
pub(super) async fn register(
    services: web::Data<Services>,
    Identity(owner): Identity,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::new(&body);
    let token = fields.required("token", 512).trim().to_owned();
    let platform = fields.required("platform", 20).trim().to_owned();
    let name = fields.optional("name", 100);
    fields.finish()?;
    let new = NewDevice { user: owner.id, token, platform, name };
    let register = Command::RegisterDevice(RegisterDevice(new));
    let Outcome::DeviceRegistered(device) = services.execute(register, owner.id).await? else {
        return Err(CommandError::Internal.into());
    };
    Ok(HttpResponse::Created().json(DeviceView::new(&device)))
}

#[utoipa::path(
    delete,
    path = "/api/devices/{id}/",
    operation_id = "remove_device",
    tag = "notifications",
    summary = "Remove a device",
    params(("id" = i64, Path, description = "Of the device.")),
    responses(
        (status = 204, description = "It is gone."),
        (
            status = 404, description = "Not a device of the caller.", body = Problem,
            example = json!({"detail": "No Device matches the given query."}),
        ),
    ),
)]
pub(super) async fn remove(
    services: web::Data<Services>,
    Identity(owner): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let device = id.parse().map(DeviceId).map_err(|_not_a_number| ApiError::not_found())?;
    let remove = Command::RemoveDevice(RemoveDevice { user: owner.id, device });
    services.execute(remove, owner.id).await?;
    Ok(HttpResponse::NoContent().finish())
}
