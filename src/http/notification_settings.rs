//! `GET`, `PATCH /api/notifications/settings/`: the old pages save settings that nothing reads.

use actix_web::HttpResponse;
use serde_json::json;

use super::extract::Identity;

#[utoipa::path(
    method(get, patch),
    path = "/api/notifications/settings/",
    operation_id = "notification_settings",
    tag = "notifications",
    summary = "Changes nothing; there for old clients",
    responses(
        (status = 200, description = "Always empty.", body = Object, example = json!({})),
    ),
)]
pub(super) async fn settings(_user: Identity) -> HttpResponse {
    HttpResponse::Ok().json(json!({}))
}
