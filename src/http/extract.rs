//! What handlers are given: the person who asks, and the fields of the body.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web,
};
use futures_util::future::{FutureExt, LocalBoxFuture};
use serde_json::{Map, Value};

use super::error::ApiError;
use crate::{
    actors::Services,
    commands::authenticate,
    domain::{Person, clock},
};

/// The active user whose access token the request carries.
#[derive(Clone, Debug)]
pub(super) struct Identity(pub Person);

impl FromRequest for Identity {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let token = bearer_token(request).map(ToOwned::to_owned);
        let services = services(request).clone();
        async move {
            let token = token?;
            let person = authenticate(services.keys(), services.storage(), &token, clock::now());
            Ok(Self(person.await?))
        }
        .boxed_local()
    }
}

fn bearer_token(request: &HttpRequest) -> Result<&str, ApiError> {
    let value =
        request.headers().get(header::AUTHORIZATION).ok_or_else(ApiError::no_credentials)?;
    let value = value.to_str().map_err(|_not_ascii| ApiError::no_credentials())?;
    let mut words = value.split_ascii_whitespace();
    match words.next() {
        Some(scheme) if scheme.eq_ignore_ascii_case("bearer") => {}
        Some(_) | None => return Err(ApiError::no_credentials()),
    }
    match (words.next(), words.next()) {
        (Some(token), None) => Ok(token),
        _ => Err(ApiError::bad_authorization_header()),
    }
}

pub(super) fn services(request: &HttpRequest) -> &Services {
    request.app_data::<web::Data<Services>>().expect("the app has its services")
}

/// The fields of a JSON or form body.
#[derive(Clone, Debug)]
pub(super) struct Body(pub Map<String, Value>);

impl FromRequest for Body {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form =
            request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let encoded = request.headers().contains_key(header::CONTENT_ENCODING);
        let bytes = web::Bytes::from_request(request, payload);
        async move {
            // Never unpacked: a small body must not become a large one.
            if encoded {
                return Err(ApiError::detail(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "Compressed request bodies are not supported.",
                ));
            }
            let bytes = bytes.await.map_err(|error| {
                let status = error.as_response_error().status_code();
                match status {
                    StatusCode::PAYLOAD_TOO_LARGE => {
                        ApiError::detail(status, "Request body is too large.")
                    }
                    _ => ApiError::detail(StatusCode::BAD_REQUEST, "Request body is incomplete."),
                }
            })?;
            if is_form { form(&bytes) } else { json(&bytes) }.map(Self)
        }
        .boxed_local()
    }
}

fn form(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes)
        .map_err(|_malformed| ApiError::detail(StatusCode::BAD_REQUEST, "Malformed form data."))?;
    Ok(pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
}

fn json(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let value = serde_json::from_slice(bytes).map_err(|error| {
        ApiError::detail(StatusCode::BAD_REQUEST, format!("JSON parse error - {error}"))
    })?;
    let kind = match value {
        Value::Object(fields) => return Ok(fields),
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "str",
        Value::Array(_) => "list",
    };
    let text = format!("Invalid data. Expected a dictionary, but got {kind}.");
    Err(ApiError::field("non_field_errors", text))
}

/// The parameters of the query string; a repeated one counts by its last value.
#[derive(Clone, Debug)]
pub(super) struct Query(Map<String, Value>);

impl Query {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

impl FromRequest for Query {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(form(request.query_string().as_bytes()).map(Self))
    }
}
