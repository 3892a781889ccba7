//! Before anybody is asked who he is: may this page, from this address, open a WebSocket at all, and is
//! there room for one?

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
};
use serde_json::json;

use crate::{
    actors::Services,
    edge::{OpenSocket, Page, Pressure, Throttled, TooManySockets},
    protocol::ErrorCode,
    telemetry::metrics,
};

/// Seconds after which whoever found no room may try again.
const TRY_AGAIN: u32 = 10;

/// Why a handshake is not let in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Barred {
    ForeignPage,
    TooMany(Throttled),
    NoRoom,
}

/// Lets a handshake in. The socket counts as open until the value is dropped.
pub(super) fn admit(services: &Services, request: &HttpRequest) -> Result<OpenSocket, Barred> {
    let edge = services.edge();
    let (peer, headers) = (request.peer_addr(), request.headers());
    if !edge.origins.welcomes(&page(headers, edge.proxies.trusts(peer))) {
        return Err(Barred::ForeignPage);
    }
    let address = edge.proxies.client(peer, texts(headers, "x-forwarded-for"));
    edge.rates.connects.check(&address).map_err(Barred::TooMany)?;
    if edge.memory.pressure() > Pressure::None {
        return Err(no_room());
    }
    edge.sockets.open(address).map_err(|too_many| match too_many {
        TooManySockets::OfAddress => Barred::TooMany(Throttled { retry_after: TRY_AGAIN }),
        TooManySockets::OfServer => no_room(),
    })
}

fn no_room() -> Barred {
    metrics().sockets_refused.increment(1);
    Barred::NoRoom
}

impl Barred {
    /// The answer to the handshake.
    pub fn answer(self) -> HttpResponse {
        match self {
            Self::ForeignPage => HttpResponse::Forbidden()
                .json(json!({"detail": "Origin not allowed", "code": ErrorCode::Forbidden})),
            Self::TooMany(Throttled { retry_after }) => HttpResponse::TooManyRequests()
                .insert_header((header::RETRY_AFTER, retry_after.to_string()))
                .json(json!({
                    "detail": format!(
                        "Request was throttled. Expected available in {retry_after} seconds."
                    ),
                    "code": ErrorCode::RateLimited,
                    "retry_after": retry_after,
                })),
            Self::NoRoom => HttpResponse::ServiceUnavailable()
                .insert_header((header::RETRY_AFTER, TRY_AGAIN.to_string()))
                .json(json!({
                    "detail": "The server has no room for another connection, try again later",
                    "code": ErrorCode::Overloaded,
                    "retry_after": TRY_AGAIN,
                })),
        }
    }
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
        scheme: match forwarded("x-forwarded-proto") {
            // What some proxies call the scheme of a WebSocket; its page has the other one.
            Some("wss") => "https",
            None | Some("ws") => "http",
            Some(scheme) => scheme,
        },
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
