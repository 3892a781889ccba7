//! `POST /api/auth/token/refresh/`: a refresh token buys an access token.
//!
//! The old front end answers a 401 here by asking again, without end; a 429 stops it. So the first
//! refusals of an address are 401 and the next ones 429 (contract §0.9).

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::{address::Address, error::ApiError, extract::Body, fields::Fields};
use crate::{
    actors::Services,
    auth::{TokenError, TokenType},
    commands::active_user,
    domain::clock,
    edge::ClientAddress,
};

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
    Ok(HttpResponse::Ok().json(json!({"access": services.keys().refresh(verified, now)})))
}

fn refusal(services: &Services, address: ClientAddress, error: TokenError) -> ApiError {
    match services.edge().rates.refused_refreshes.check(&address) {
        Ok(()) => ApiError::bad_refresh_token(error),
        Err(throttled) => throttled.into(),
    }
}
