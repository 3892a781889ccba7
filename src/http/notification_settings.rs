//! `GET`, `PATCH /api/notifications/settings/`: the old pages save settings that nothing reads.

use actix_web::HttpResponse;
use serde_json::json;

use super::extract::Identity;

pub(super) async fn settings(_user: Identity) -> HttpResponse {
    HttpResponse::Ok().json(json!({}))
}
