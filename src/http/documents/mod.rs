//! `GET /api/openapi.json`, `/api/asyncapi.json` and the page at `/api/docs/` that shows the first. The
//! page and everything it loads come from here, never from elsewhere.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use utoipa_swagger_ui::{Config, serve};

use super::{error::ApiError, openapi::openapi_document, problems::Problem};
use crate::protocol::asyncapi_document;

/// What the page may do: run and ask what comes from here. Its library sets styles in attributes and has
/// its pictures in data URLs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// Files of the library that the page uses.
const LIBRARY: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

static OPENAPI: LazyLock<web::Bytes> = LazyLock::new(|| openapi_document().into());
static ASYNCAPI: LazyLock<web::Bytes> = LazyLock::new(|| asyncapi_document().into());

#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "openapi",
    tag = "service",
    summary = "This document",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1.", body = Object)),
)]
pub(super) async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(OPENAPI.clone())
}

#[utoipa::path(
    get,
    path = "/api/asyncapi.json",
    operation_id = "asyncapi",
    tag = "service",
    summary = "The description of the WebSocket endpoints",
    security(()),
    responses((status = 200, description = "AsyncAPI 3.0.", body = Object)),
)]
pub(super) async fn asyncapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(ASYNCAPI.clone())
}

#[utoipa::path(
    get,
    path = "/api/docs/",
    operation_id = "docs",
    tag = "service",
    summary = "A page that shows this document",
    security(()),
    responses((
        status = 200, description = "The page.", body = String, content_type = "text/html",
    )),
)]
pub(super) async fn page(request: HttpRequest) -> HttpResponse {
    if !request.path().ends_with('/') {
        // Relative, because a proxy may have put us under a path of its own.
        return HttpResponse::PermanentRedirect()
            .insert_header((header::LOCATION, "docs/"))
            .finish();
    }
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(include_str!("page.html"))
}

#[utoipa::path(
    get,
    path = "/api/docs/{file}",
    operation_id = "docs_file",
    tag = "service",
    summary = "What the page is made of",
    security(()),
    params(("file" = String, Path, description = "Name of the file.")),
    responses(
        (status = 200, description = "The file.", content(
            (String = "text/css"), (String = "text/javascript"),
        )),
        (status = 404, description = "No such file.", body = Problem),
    ),
)]
pub(super) async fn asset(file: web::Path<String>) -> Result<HttpResponse, ApiError> {
    if *file == "start.js" {
        let kind = "text/javascript; charset=utf-8";
        return Ok(HttpResponse::Ok().content_type(kind).body(include_str!("start.js")));
    }
    if !LIBRARY.contains(&file.as_str()) {
        return Err(ApiError::not_found());
    }
    let found = serve(&file, Arc::new(Config::from("")));
    let found = found.ok().flatten().ok_or_else(ApiError::not_found)?;
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, header::ContentEncoding::Gzip));
    }
    response
        .content_type(found.content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"));
    Ok(match found.bytes {
        Cow::Borrowed(bytes) => response.body(bytes),
        Cow::Owned(bytes) => response.body(bytes),
    })
}
