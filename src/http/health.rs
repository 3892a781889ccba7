//! `GET /health/live` and `/health/ready`: for whoever watches the process.

use std::time::Duration;

use actix_web::{HttpResponse, Responder, web};
use serde_json::json;

use crate::actors::Services;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The process runs.
pub(super) async fn live() -> impl Responder {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// The process can do its work: not stopping, and its database answers.
pub(super) async fn ready(services: web::Data<Services>) -> impl Responder {
    if services.is_draining() {
        return HttpResponse::ServiceUnavailable().json(json!({"status": "draining"}));
    }
    match tokio::time::timeout(PATIENCE, services.storage().ping()).await {
        Ok(Ok(())) => {
            let unsafe_durability = services.config().database.allow_unsafe_durability;
            // Without Redis messages are stored and told all the same, only later on other servers.
            let degraded: &[&str] = if services.bus().is_well() { &[] } else { &["redis"] };
            HttpResponse::Ok().json(json!({
                "status": "ok",
                "unsafe_durability": unsafe_durability,
                "degraded": degraded,
            }))
        }
        Ok(Err(_)) | Err(_) => {
            HttpResponse::ServiceUnavailable().json(json!({"status": "database unavailable"}))
        }
    }
}
