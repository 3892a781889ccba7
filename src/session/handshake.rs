//! From an HTTP request to a session: who is it, and may he come in?

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web,
};
use serde_json::json;

use super::{
    gate,
    socket::{SUBPROTOCOL, Session},
};
use crate::{
    actors::Services,
    auth::ticket_hash,
    commands::{
        AuthenticationError, Command, Outcome, RedeemTicket, SocketKind, active_user, authenticate,
    },
    domain::{Person, UserId, clock},
};

/// Who asks before anybody knows who he is.
const NOBODY: UserId = UserId(0);

/// Prefix of the subprotocol entry that carries a token.
const BEARER_SUBPROTOCOL: &str = "bearer.";

/// `GET /ws/chat/`: refused with 403 without a valid access token of an active user (contract §1.4).
pub async fn chat(
    services: web::Data<Services>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    open(&services, SocketKind::Chat, &request, payload).await
}

/// `GET /ws/notifications/`: refused like `/ws/chat/` (contract §4).
pub async fn notifications(
    services: web::Data<Services>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    open(&services, SocketKind::Notifications, &request, payload).await
}

async fn open(
    services: &Services,
    kind: SocketKind,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let place = match gate::admit(services, request) {
        Ok(place) => place,
        Err(barred) => return Ok(barred.answer()),
    };
    let person = match identify(services, request).await {
        Identified::Person(person) => person,
        Identified::Nobody(detail) => return Ok(refused(&detail)),
        Identified::NotNow(detail) => return Ok(not_now(detail)),
    };
    Session::new(services.clone(), kind, Some(person), is_new_client(request), place)
        .start(request, payload)
}

/// `GET /ws/messaging/`: lets anybody in; who he is he may say later (contract §3.1).
pub async fn messaging(
    services: web::Data<Services>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let place = match gate::admit(&services, &request) {
        Ok(place) => place,
        Err(barred) => return Ok(barred.answer()),
    };
    let person = match identify(&services, &request).await {
        Identified::Person(person) => Some(person),
        Identified::Nobody(_) => None,
        Identified::NotNow(detail) => return Ok(not_now(detail)),
    };
    let is_new_client = is_new_client(&request);
    Session::new(services.get_ref().clone(), SocketKind::Messaging, person, is_new_client, place)
        .start(&request, payload)
}

/// Whom a request speaks for.
enum Identified {
    Person(Person),
    /// And why.
    Nobody(String),
    /// The same request may succeed later.
    NotNow(&'static str),
}

async fn identify(services: &Services, request: &HttpRequest) -> Identified {
    if services.is_draining() {
        return Identified::NotNow("The server is restarting, try again");
    }
    let found = match (query(request, "ticket"), token(request)) {
        (Some(ticket), _) => by_ticket(services, ticket).await,
        (None, Some(token)) => {
            authenticate(services.keys(), services.storage(), token, clock::now()).await
        }
        (None, None) => {
            let detail = "Authentication credentials were not provided.";
            return Identified::Nobody(detail.to_owned());
        }
    };
    match found {
        Ok(person) => Identified::Person(person),
        Err(AuthenticationError::Storage(error)) => {
            tracing::error!(%error, "could not authenticate a connection");
            Identified::NotNow("The database is unavailable, try again later")
        }
        Err(AuthenticationError::NotNow) => {
            Identified::NotNow("The server is overloaded, try again later")
        }
        Err(error) => Identified::Nobody(error.to_string()),
    }
}

/// Uses a ticket up, whoever else a token in the same request speaks for.
async fn by_ticket(services: &Services, ticket: &str) -> Result<Person, AuthenticationError> {
    let hash = ticket_hash(ticket).ok_or(AuthenticationError::BadTicket)?;
    let redeem = Command::RedeemTicket(RedeemTicket { hash });
    match services.execute(redeem, NOBODY).await {
        Ok(Outcome::Redeemed(Some(user))) => active_user(services.storage(), user).await,
        Ok(_) => Err(AuthenticationError::BadTicket),
        Err(error) => {
            tracing::warn!(%error, "could not redeem a ticket");
            Err(AuthenticationError::NotNow)
        }
    }
}

fn not_now(detail: &str) -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .insert_header((header::RETRY_AFTER, "1"))
        .json(json!({"detail": detail}))
}

fn refused(detail: &str) -> HttpResponse {
    HttpResponse::Forbidden().json(json!({"detail": detail}))
}

/// The token of the query string, taken as it stands; else of the `Authorization` header; else of
/// the offered subprotocols.
fn token(request: &HttpRequest) -> Option<&str> {
    query(request, "token")
        .or_else(|| bearer(request.headers()))
        .or_else(|| {
            subprotocols(request.headers()).find_map(|p| p.strip_prefix(BEARER_SUBPROTOCOL))
        })
        .filter(|token| !token.is_empty())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the client says that it knows this server's additions.
fn is_new_client(request: &HttpRequest) -> bool {
    query(request, "v") == Some("2")
        || subprotocols(request.headers()).any(|protocol| protocol == SUBPROTOCOL)
}

fn query<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request
        .query_string()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn subprotocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}
