//! The table of every route. Paths end in a slash as in the replaced service; without it they work
//! too.

use actix_web::{
    HttpRequest, HttpResponse, Resource, Route,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web::{self, ServiceConfig, delete, get, patch, post, put},
};
use tracing_actix_web::RequestId;

use super::{
    conversation_detail, conversation_hide, conversation_list, conversation_messages,
    conversation_start, documents, error::ApiError, health, login, mark_read, me, message,
    messages_with_user, people_routes, reactions, refresh, register, root, send_message, typing,
    unread, user_by_name, user_list, user_status,
};
use crate::actors::Services;

/// Registers every route.
pub fn configure(services: &Services) -> impl FnOnce(&mut ServiceConfig) + Clone + use<> {
    let config = services.config();
    let body_bytes = config.limits.body_bytes;
    move |app| {
        app.app_data(web::PayloadConfig::new(body_bytes));
        for (path, methods) in table() {
            app.service(resource(path, methods));
        }
        app.default_service(web::to(async || Err::<HttpResponse, _>(ApiError::not_found())));
    }
}

pub(super) type Methods = Vec<(Method, Route)>;

/// Every path with its methods, for whoever has to know them all.
pub fn routes() -> Vec<(&'static str, Vec<Method>)> {
    let methods = |methods: Methods| methods.into_iter().map(|(method, _)| method).collect();
    table().into_iter().map(|(path, routes)| (path, methods(routes))).collect()
}

fn table() -> Vec<(&'static str, Methods)> {
    let mut table = vec![
        ("/", vec![(Method::GET, get().to(root::describe))]),
        ("/api/", vec![(Method::GET, get().to(root::describe))]),
        ("/api/openapi.json", vec![(Method::GET, get().to(documents::openapi))]),
        ("/api/asyncapi.json", vec![(Method::GET, get().to(documents::asyncapi))]),
        ("/api/docs/", vec![(Method::GET, get().to(documents::page))]),
        ("/api/docs/{file}", vec![(Method::GET, get().to(documents::asset))]),
        ("/health/live", vec![(Method::GET, get().to(health::live))]),
        ("/health/ready", vec![(Method::GET, get().to(health::ready))]),
        ("/metrics", vec![(Method::GET, get().to(health::metrics))]),
        ("/api/auth/token/", vec![(Method::POST, post().to(login::login))]),
        ("/api/auth/token/refresh/", vec![(Method::POST, post().to(refresh::refresh))]),
        (
            "/api/users/",
            vec![
                (Method::GET, get().to(user_list::list)),
                (Method::POST, post().to(register::register)),
            ],
        ),
        ("/api/users/me/", vec![(Method::GET, get().to(me::me))]),
        ("/api/users/username/{name}/", vec![(Method::GET, get().to(user_by_name::user_by_name))]),
        ("/api/messaging/unread-count/", vec![(Method::GET, get().to(unread::total))]),
        (
            "/api/messaging/conversations/",
            vec![
                (Method::GET, get().to(conversation_list::list)),
                (Method::POST, post().to(conversation_start::start)),
            ],
        ),
        (
            "/api/messaging/conversations/create/",
            vec![
                (Method::GET, get().to(conversation_list::list)),
                (Method::POST, post().to(conversation_start::start)),
            ],
        ),
        (
            "/api/messaging/conversations/legacy/",
            vec![(Method::POST, post().to(conversation_start::start))],
        ),
        (
            "/api/messaging/conversations/{id}/",
            vec![
                (Method::GET, get().to(conversation_detail::detail)),
                (Method::PUT, put().to(conversation_hide::unchanged)),
                (Method::PATCH, patch().to(conversation_hide::unchanged)),
                (Method::DELETE, delete().to(conversation_hide::hide)),
            ],
        ),
        (
            "/api/messaging/conversations/{id}/messages/",
            vec![
                (Method::GET, get().to(conversation_messages::messages)),
                (Method::POST, post().to(send_message::send)),
            ],
        ),
        (
            "/api/messaging/conversations/{id}/mark-read/",
            vec![(Method::POST, post().to(mark_read::mark_read))],
        ),
        (
            "/api/messaging/conversations/{id}/mark-messages-read/",
            vec![(Method::POST, post().to(mark_read::mark_messages_read))],
        ),
        (
            "/api/messaging/conversations/{id}/typing/start/",
            vec![(Method::POST, post().to(typing::start))],
        ),
        (
            "/api/messaging/conversations/{id}/typing/stop/",
            vec![(Method::POST, post().to(typing::stop))],
        ),
        (
            "/api/messaging/messages/{id}/",
            vec![
                (Method::GET, get().to(message::get)),
                (Method::PUT, put().to(message::edit)),
                (Method::PATCH, patch().to(message::edit)),
                (Method::DELETE, delete().to(message::delete)),
            ],
        ),
        (
            "/api/messaging/messages/{id}/reactions/",
            vec![(Method::POST, post().to(reactions::add))],
        ),
        (
            "/api/messaging/messages/{id}/reactions/remove/",
            vec![
                (Method::DELETE, delete().to(reactions::remove)),
                (Method::POST, post().to(reactions::remove)),
            ],
        ),
        ("/api/messaging/users/{id}/status/", vec![(Method::GET, get().to(user_status::status))]),
    ];
    table.extend(people_routes::table());
    // The second spelling is the one of the product's documents.
    for base in ["/api/messaging/messages/", "/api/messages/"] {
        table.push((base, vec![(Method::GET, get().to(messages_with_user::messages_with_user))]));
    }
    for path in ["/api/messaging/messages/user/{id}/unread/", "/api/messages/user/{id}/unread/"] {
        table.push((path, vec![(Method::GET, get().to(unread::with_user))]));
    }
    table
}

/// A path with its methods. `OPTIONS` is answered with the list of them, any other method with 405
/// and the list.
fn resource(path: &str, methods: Methods) -> Resource {
    let without_slash = if path == "/" { path } else { path.trim_end_matches('/') };
    let mut allowed: Vec<_> = methods.iter().map(|(method, _)| method.to_string()).collect();
    if allowed.iter().any(|method| method == "GET") {
        allowed.push("HEAD".to_owned());
    }
    allowed.push("OPTIONS".to_owned());
    let allowed = allowed.join(", ");
    let mut resource = web::resource([path, without_slash]);
    for (_, route) in methods {
        resource = resource.route(route);
    }
    resource.default_service(web::to(move |request: HttpRequest| {
        let answer = if request.method() == Method::OPTIONS {
            Ok(HttpResponse::Ok().insert_header((header::ALLOW, allowed.as_str())).finish())
        } else {
            Err(ApiError::method_not_allowed(request.method().as_str(), &allowed))
        };
        async move { answer }
    }))
}

/// Puts the request id, by which a log line can be found, on every answer, and forbids guessing the
/// type of a body.
pub async fn common_headers(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    use actix_web::HttpMessage;
    // What can be got can be asked about; the body is left out on the way back.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let id = request.extensions().get::<RequestId>().map(ToString::to_string);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if let Some(Ok(id)) = id.map(header::HeaderValue::try_from) {
        headers.insert(header::HeaderName::from_static("x-request-id"), id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    Ok(response)
}
