//! `GET /` and `GET /api/`: what this is and where things are.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, Responder};
use serde::Serialize;
use utoipa::ToSchema;

/// Where things are; there may be more than named here.
const ENDPOINTS: [(&str, &str); 10] = [
    ("token", "/api/auth/token/"),
    ("token_refresh", "/api/auth/token/refresh/"),
    ("users", "/api/users/"),
    ("conversations", "/api/messaging/conversations/"),
    ("messages", "/api/messaging/messages/"),
    ("unread_count", "/api/messaging/unread-count/"),
    ("chat", "/ws/chat/"),
    ("health", "/health/ready"),
    ("docs", "/api/docs/"),
    ("openapi", "/api/openapi.json"),
];

#[derive(Serialize, ToSchema)]
struct Description {
    name: &'static str,
    status: &'static str,
    version: &'static str,
    /// Names and paths.
    endpoints: BTreeMap<&'static str, &'static str>,
}

#[utoipa::path(
    get,
    path = "/api/",
    operation_id = "describe",
    tag = "service",
    summary = "What this is and where things are",
    security(()),
    responses(
        (status = 200, description = "Always.", body = Description),
    ),
)]
pub(super) async fn describe() -> impl Responder {
    HttpResponse::Ok().json(Description {
        name: "VikraHub Messaging",
        status: "healthy",
        version: env!("CARGO_PKG_VERSION"),
        endpoints: ENDPOINTS.into(),
    })
}
