//! Before anybody is asked who he is: may this page, from this address, open a WebSocket at all?

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
};
use serde_json::json;

use crate::{
    actors::Services,
    edge::{OpenSocket, Page, Throttled},
    protocol::ErrorCode,
};

/// Seconds after which an address with too many sockets may try again.
const TRY_AGAIN: u32 = 10;

/// Lets a handshake in, or says how it is refused. The socket counts as open until the value is
/// dropped.
pub(super) fn admit(
    services: &Services,
    request: &HttpRequest,
) -> Result<OpenSocket, HttpResponse> {
    let edge = services.edge();
    let (peer, headers) = (request.peer_addr(), request.headers());
    if !edge.origins.welcomes(&page(headers, edge.proxies.trusts(peer))) {
        return Err(refused(ErrorCode::Forbidden, "Origin not allowed"));
    }
    let address = edge.proxies.client(peer, texts(headers, "x-forwarded-for"));
    edge.rates.connects.check(&address).map_err(throttled)?;
    edge.sockets.open(address).ok_or_else(|| throttled(Throttled { retry_after: TRY_AGAIN }))
}

fn page(headers: &HeaderMap, behind_proxy: bool) -> Page<'_> {
    let first = |name| texts(headers, name).next().filter(|text| !text.is_empty());
    // The browser's own words come first when several proxies have added theirs.
    let forwarded = |name| {
        let value = first(name).filter(|_| behind_proxy)?;
        value.split(',').next().map(str::trim)
    };
    Page {
        origin: origin(headers),
        scheme: forwarded("x-forwarded-proto").unwrap_or("http"),
        host: forwarded("x-forwarded-host").or_else(|| first("host")),
    }
}

/// Several origins, or one that is no text, are as bad as any foreign one.
fn origin(headers: &HeaderMap) -> Option<&str> {
    let mut origins = headers.get_all(header::ORIGIN);
    let origin = origins.next()?;
    Some(if origins.next().is_some() { "" } else { origin.to_str().unwrap_or_default() })
}

fn texts<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> impl DoubleEndedIterator<Item = &'a str> {
    let values: Vec<_> = headers.get_all(name).collect();
    // An unreadable value must not make the next one stand in its place.
    values.into_iter().map(|value| value.to_str().unwrap_or_default())
}

fn refused(code: ErrorCode, detail: &str) -> HttpResponse {
    HttpResponse::Forbidden().json(json!({"detail": detail, "code": code}))
}

fn throttled(Throttled { retry_after }: Throttled) -> HttpResponse {
    let detail = format!("Request was throttled. Expected available in {retry_after} seconds.");
    HttpResponse::build(StatusCode::TOO_MANY_REQUESTS)
        .insert_header((header::RETRY_AFTER, retry_after.to_string()))
        .json(json!({"detail": detail, "code": ErrorCode::RateLimited, "retry_after": retry_after}))
}
