//! `GET /health/live`, `/health/ready` and `/metrics`: for whoever watches the process.

use std::time::Duration;

use actix_web::{HttpResponse, Responder, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, problems::NotFound};
use crate::{actors::Services, telemetry};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Serialize, ToSchema)]
struct Health {
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
struct Readiness {
    status: &'static str,
    /// The database may lose confirmed messages in a power cut.
    unsafe_durability: bool,
}

/// The process runs.
#[utoipa::path(
    get,
    path = "/health/live",
    operation_id = "live",
    tag = "service",
    summary = "Whether the process runs",
    security(()),
    responses(
        (status = 200, description = "It does.", body = Health, example = json!({"status": "ok"})),
    ),
)]
pub(super) async fn live() -> impl Responder {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Numbers for Prometheus, unless `server.metrics` is off.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    tag = "service",
    summary = "Numbers in the text format of Prometheus",
    security(()),
    responses(
        (status = 200, description = "The numbers.", body = String, content_type = "text/plain"),
        (status = 404, description = "`server.metrics` is off.", body = NotFound),
    ),
)]
pub(super) async fn metrics(services: web::Data<Services>) -> Result<HttpResponse, ApiError> {
    if !services.config().server.metrics {
        return Err(ApiError::not_found());
    }
    let format = "text/plain; version=0.0.4; charset=utf-8";
    Ok(HttpResponse::Ok().content_type(format).body(telemetry::metrics().text()))
}

/// The process can do its work: not stopping, and its database answers.
#[utoipa::path(
    get,
    path = "/health/ready",
    operation_id = "ready",
    tag = "service",
    summary = "Whether the server can do its work",
    security(()),
    responses(
        (
            status = 200, description = "It can.", body = Readiness,
            example = json!({"status": "ok", "unsafe_durability": false}),
        ),
        (
            status = 503, description = "It is stopping, or its database does not answer.",
            body = Health, example = json!({"status": "draining"}),
        ),
    ),
)]
pub(super) async fn ready(services: web::Data<Services>) -> impl Responder {
    if services.is_draining() {
        return HttpResponse::ServiceUnavailable().json(Health { status: "draining" });
    }
    match tokio::time::timeout(PATIENCE, services.storage().ping()).await {
        Ok(Ok(())) => {
            let unsafe_durability = services.config().database.allow_unsafe_durability;
            HttpResponse::Ok().json(Readiness { status: "ok", unsafe_durability })
        }
        Ok(Err(_)) | Err(_) => {
            HttpResponse::ServiceUnavailable().json(Health { status: "database unavailable" })
        }
    }
}
