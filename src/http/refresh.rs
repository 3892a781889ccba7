//! `POST /api/auth/token/refresh/`: a refresh token buys an access token.
//!
//! The old front end answers a 401 here by asking again, without end; a 429 stops it. So the first
//! refusals of an address are 401 and the next ones 429 (contract §0.9).

use std::{
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
};

use actix_web::{HttpRequest, HttpResponse, web};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde_json::json;

use super::{error::ApiError, extract::Body, fields::Fields};
use crate::{
    actors::Services,
    auth::{TokenError, TokenType},
    commands::active_user,
    domain::clock,
};

/// Addresses remembered before stale ones are forgotten.
const ADDRESSES: usize = 10_000;

/// Counts refusals by client address.
#[derive(Debug)]
pub(super) struct RefusedRefreshes(Option<DefaultKeyedRateLimiter<IpAddr>>);

impl RefusedRefreshes {
    /// 0 = unlimited.
    pub fn new(per_minute: u32) -> Self {
        Self(NonZeroU32::new(per_minute).map(|n| RateLimiter::keyed(Quota::per_minute(n))))
    }

    fn refuse(&self, address: IpAddr, error: TokenError) -> ApiError {
        let Some(limiter) = &self.0 else { return ApiError::bad_refresh_token(error) };
        if limiter.len() > ADDRESSES {
            limiter.retain_recent();
        }
        match limiter.check_key(&address) {
            Ok(()) => ApiError::bad_refresh_token(error),
            Err(_too_many) => ApiError::too_many_requests(60),
        }
    }
}

pub(super) async fn refresh(
    services: web::Data<Services>,
    refused: web::Data<RefusedRefreshes>,
    request: HttpRequest,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::new(&body);
    let token = fields.required("refresh", 8192);
    fields.finish()?;

    let address = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let now = clock::now();
    let verified = services
        .keys()
        .verify(token.trim(), TokenType::Refresh, now)
        .map_err(|error| refused.refuse(address, error))?;
    match active_user(services.storage(), verified.user).await {
        Ok(_person) => {}
        Err(crate::commands::AuthenticationError::Storage(error)) => return Err(error.into()),
        Err(_unknown_or_inactive) => return Err(refused.refuse(address, TokenError::Invalid)),
    }
    Ok(HttpResponse::Ok().json(json!({"access": services.keys().refresh(verified, now)})))
}
