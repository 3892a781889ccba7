//! `GET /health/live`, `/health/ready` and `/metrics`: for whoever watches the process.

use std::time::Duration;

use actix_web::{HttpResponse, Responder, web};
use serde_json::json;

use super::error::ApiError;
use crate::{actors::Services, telemetry};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The process runs.
pub(super) async fn live() -> impl Responder {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// Numbers for Prometheus, unless `server.metrics` is off.
pub(super) async fn metrics(services: web::Data<Services>) -> Result<HttpResponse, ApiError> {
    if !services.config().server.metrics {
        return Err(ApiError::not_found());
    }
    let format = "text/plain; version=0.0.4; charset=utf-8";
    Ok(HttpResponse::Ok().content_type(format).body(telemetry::metrics().text()))
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
