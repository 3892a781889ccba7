//! Reading stands back when writes have to wait: the database has work enough.

use actix_web::{
    ResponseError,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web,
};

use super::error::ApiError;
use crate::{
    actors::Services,
    commands::{CommandError, Priority},
};

/// What is answered without asking the database.
const DOCUMENTS: [&str; 3] = ["/api/docs/", "/api/openapi.json", "/api/asyncapi.json"];

/// Answers reading requests with 503 while the write queue is too old for them.
pub async fn shed_reads<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if asks_the_database(&request)
        && let Some(services) = request.app_data::<web::Data<Services>>()
        && !services.has_room_for(Priority::Read)
    {
        let answer = ApiError::from(CommandError::Overloaded).error_response();
        return Ok(request.into_response(answer).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn asks_the_database(request: &ServiceRequest) -> bool {
    let path = request.path();
    matches!(*request.method(), Method::GET | Method::HEAD)
        && path.starts_with("/api/")
        && path != "/api/"
        && !DOCUMENTS.iter().any(|document| path.starts_with(document))
}
