//! What browsers are told about pages of other sites (contract §1.7).

use actix_cors::Cors;

use crate::actors::Services;

const METHODS: [&str; 6] = ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"];

const HEADERS: [&str; 9] = [
    "accept",
    "accept-encoding",
    "authorization",
    "content-type",
    "dnt",
    "origin",
    "user-agent",
    "x-csrftoken",
    "x-requested-with",
];

/// Headers of answers that pages may read besides the ones they always may.
const EXPOSED: [&str; 2] = ["retry-after", "x-request-id"];

/// Seconds a browser may go by an answer to its preflight.
const MAX_AGE: usize = 86_400;

/// Lets the pages of `cors.allowed_origins` read answers. Requests of other pages are carried out as
/// those of any program: what they may do the token decides, not the browser.
pub fn cors(services: &Services) -> Cors {
    let services = services.clone();
    Cors::default()
        .allowed_origin_fn(move |origin, _request| {
            origin.to_str().is_ok_and(|origin| services.edge().origins.allows(origin))
        })
        .allowed_methods(METHODS)
        .allowed_headers(HEADERS)
        .expose_headers(EXPOSED)
        .supports_credentials()
        .max_age(MAX_AGE)
}
