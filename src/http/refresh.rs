//! `POST /api/auth/token/refresh/`: a refresh token buys an access token.
//!
//! The old front end answers a 401 here by asking again, without end; a 429 stops it. So the first
//! refusals of an address are 401 and the next ones 429 (contract §0.9).

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    address::Address,
    error::ApiError,
    extract::Body,
    fields::Fields,
    problems::{BadRequest, Problem, TooManyRequests},
};
use crate::{
    actors::Services,
    auth::{TokenError, TokenType},
    commands::active_user,
    domain::clock,
    edge::ClientAddress,
};

/// A refresh token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct Refresh {
    #[schema(max_length = 8192, pattern = r"\S")]
    refresh: String,
}

/// A fresh access token.
#[derive(Serialize, ToSchema)]
struct AccessToken {
    access: String,
}

#[utoipa::path(
    post,
    path = "/api/auth/token/refresh/",
    operation_id = "refresh_token",
    tag = "accounts",
    summary = "Buy an access token with a refresh token",
    security(()),
    request_body = Refresh,
    responses(
        (status = 200, description = "The token.", body = AccessToken),
        (status = 400, description = "A field is wrong.", body = BadRequest),
        (
            status = 401, description = "Not a valid refresh token of an active user.",
            body = Problem,
            example = json!({"detail": "Token is invalid or expired", "code": "token_not_valid"}),
        ),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn refresh(
    services: web::Data<Services>,
    Address(address): Address,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::new(&body);
    let token = fields.required("refresh", 8192);
    fields.finish()?;

    let now = clock::now();
    let verified = services
        .keys()
        .verify(token.trim(), TokenType::Refresh, now)
        .map_err(|error| refusal(&services, address, error))?;
    match active_user(services.storage(), verified.user).await {
        Ok(_person) => {}
        Err(crate::commands::AuthenticationError::Storage(error)) => return Err(error.into()),
        Err(_unknown_or_inactive) => return Err(refusal(&services, address, TokenError::Invalid)),
    }
    Ok(HttpResponse::Ok().json(AccessToken { access: services.keys().refresh(verified, now) }))
}

fn refusal(services: &Services, address: ClientAddress, error: TokenError) -> ApiError {
    match services.edge().rates.refused_refreshes.check(&address) {
        Ok(()) => ApiError::bad_refresh_token(error),
        Err(throttled) => throttled.into(),
    }
}
