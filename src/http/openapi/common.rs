//! What endpoints of one kind answer alike, and the form of their bodies: so no handler repeats it.

use utoipa::{
    Modify,
    openapi::{
        OpenApi, Ref, RefOr,
        content::ContentBuilder,
        header::{Header, HeaderBuilder},
        path::{Operation, PathItem},
        request_body::RequestBody,
        response::{Response, ResponseBuilder},
        schema::{ObjectBuilder, Type},
    },
};

const STORE_NOTHING: [&str; 5] =
    ["refresh_token", "start_typing", "stop_typing", "write_conversation", "notification_settings"];

/// Adds the answers that follow from what an operation needs: a token, a body, the database.
pub(super) struct CommonAnswers;

impl Modify for CommonAnswers {
    fn modify(&self, document: &mut OpenApi) {
        for item in document.paths.paths.values_mut() {
            let writes = [&mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
            for operation in writes.into_iter().flatten().filter(|operation| stores(operation)) {
                add(operation, "507", retry("The database has no room."));
            }
            for operation in operations(item) {
                complete(operation);
            }
        }
    }
}

/// Whether an operation other than `GET` stores anything.
fn stores(operation: &Operation) -> bool {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    !STORE_NOTHING.contains(&id)
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch]
        .into_iter()
        .flatten()
}

fn complete(operation: &mut Operation) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        accept_forms(body);
        add(operation, "400", problem("The body cannot be read.", "BadRequest"));
        add(operation, "413", problem("The body is larger than `limits.body_bytes`.", "Problem"));
        add(operation, "415", problem("The body is compressed.", "Problem"));
    }
    // Unless it says otherwise, an operation needs a token.
    if operation.security.is_none() {
        let realm = header("Always `Bearer realm=\"api\"`.", Type::String);
        let refused = problem("No valid access token of an active user.", "Problem");
        add(operation, "401", refused.header("WWW-Authenticate", realm));
    }
    let is_service = operation.tags.iter().flatten().any(|tag| tag == "service");
    if !is_service {
        add(operation, "500", problem("A fault of the server.", "Problem"));
        add(operation, "503", retry("Overloaded, restarting, or without database."));
    }
}

/// Bodies may be forms as well.
fn accept_forms(body: &mut RequestBody) {
    if let Some(content) = body.content.get("application/json").cloned() {
        body.content.insert("application/x-www-form-urlencoded".to_owned(), content);
    }
}

/// Keeps what the operation says itself.
fn add(operation: &mut Operation, status: &str, response: impl Into<Response>) {
    let responses = &mut operation.responses.responses;
    responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(response.into()));
}

fn problem(description: &str, schema: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(description).content("application/json", content)
}

fn retry(description: &str) -> ResponseBuilder {
    problem(description, "Problem").header("Retry-After", header("Seconds to wait.", Type::Integer))
}

fn header(description: &str, kind: Type) -> Header {
    HeaderBuilder::new()
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(kind)))
        .build()
}
