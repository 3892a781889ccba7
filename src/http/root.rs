//! `GET /` and `GET /api/`: what this is and where things are.

use actix_web::HttpResponse;
use serde_json::json;

pub(super) async fn describe() -> HttpResponse {
    description()
}

pub(super) fn description() -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "name": "VikraHub Messaging",
        "status": "healthy",
        "version": env!("CARGO_PKG_VERSION"),
        "endpoints": {
            "token": "/api/auth/token/",
            "token_refresh": "/api/auth/token/refresh/",
            "users": "/api/users/",
            "conversations": "/api/messaging/conversations/",
            "messages": "/api/messaging/messages/",
            "unread_count": "/api/messaging/unread-count/",
            "chat": "/ws/chat/",
            "health": "/health/ready",
            "demo": "/chat-demo/",
        },
    }))
}
