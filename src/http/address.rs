//! The address a request comes from, as far as it counts.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::extract::services;
use crate::edge::ClientAddress;

/// Extracts the client's address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address(pub ClientAddress);

impl FromRequest for Address {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let headers: Vec<_> = request.headers().get_all("x-forwarded-for").collect();
        // An unreadable value must not make the next one stand in its place.
        let forwarded_for = headers.into_iter().map(|value| value.to_str().unwrap_or_default());
        let proxies = &services(request).edge().proxies;
        ready(Ok(Self(proxies.client(request.peer_addr(), forwarded_for))))
    }
}
