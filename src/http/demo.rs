//! The demo: its built files, carried inside the binary, as a browser asks for them.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, ContentType, EntityTag, Header, IfNoneMatch},
    middleware::Compress,
    web::{self, ServiceConfig},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{error::ApiError, root};

/// What a page may do: talk to where it came from, and run nothing that came with a message.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; connect-src 'self' ws: wss:; \
     img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Files under `assets/` have a hash of their content in the name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_EVERY_TIME: &str = "no-cache";

/// For a server that was built without the demo.
const NOT_BUILT: &str = include_str!("demo_not_built.html");

/// Debug builds read the folder at run time, release builds carry it. Without it there is no demo.
#[derive(RustEmbed)]
#[folder = "frontend/dist/"]
#[allow_missing = true]
struct Dist;

/// Where the pages of the demo are.
pub(super) fn configure(app: &mut ServiceConfig) {
    for path in ["/chat-demo", "/chat-demo/"] {
        app.service(web::resource(path).wrap(Compress::default()).get(index));
    }
    app.service(web::resource("/assets/{file}").wrap(Compress::default()).get(asset));
    app.service(web::resource("/icon.svg").wrap(Compress::default()).get(icon));
}

/// `GET /`: a page for browsers, a description for everybody else.
pub(super) async fn home(request: HttpRequest) -> HttpResponse {
    let mut response =
        if prefers_html(&request) { index(request).await } else { root::description() };
    response.headers_mut().append(header::VARY, header::HeaderValue::from_static("accept"));
    response
}

/// Whether a page is the first thing asked for, as browsers do and programs do not.
fn prefers_html(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.trim_start().starts_with("text/html"))
}

async fn index(request: HttpRequest) -> HttpResponse {
    match Dist::get("index.html") {
        Some(file) => answer(&request, "index.html", file),
        None => page().content_type(ContentType::html()).body(NOT_BUILT),
    }
}

async fn icon(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let file = Dist::get("icon.svg").ok_or_else(ApiError::not_found)?;
    Ok(answer(&request, "icon.svg", file))
}

async fn asset(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, ApiError> {
    // Debug builds look into the folder itself: nothing but plain names may get there.
    let is_plain = name.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    let path = format!("assets/{name}");
    let file = Dist::get(&path).filter(|_| is_plain).ok_or_else(ApiError::not_found)?;
    Ok(answer(&request, &path, file))
}

fn answer(request: &HttpRequest, path: &str, file: EmbeddedFile) -> HttpResponse {
    let tag = EntityTag::new_weak(hex(&file.metadata.sha256_hash()[..16]));
    let is_known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if is_known { HttpResponse::NotModified() } else { page() };
    let caching = if path.starts_with("assets/") { FOR_EVER } else { ASK_EVERY_TIME };
    response.insert_header((header::CACHE_CONTROL, caching));
    response.insert_header((header::ETAG, tag.to_string()));
    if is_known {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, content_type(path))).body(file.data)
}

fn page() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY));
    response.insert_header((header::REFERRER_POLICY, "same-origin"));
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
