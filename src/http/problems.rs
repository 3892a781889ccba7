//! The bodies of errors, as the documents describe them; `error.rs` writes them.
#![expect(dead_code, reason = "these are descriptions only")]

use std::collections::BTreeMap;

use utoipa::{ToResponse, ToSchema};

/// What went wrong.
#[derive(ToSchema)]
pub(super) struct Problem {
    /// Text for people.
    detail: String,
    /// For programs; not every error has one.
    #[schema(nullable = false)]
    code: Option<String>,
    /// Seconds after which the same request may succeed.
    #[schema(nullable = false)]
    retry_after: Option<u32>,
    /// What is wrong with a token.
    #[schema(nullable = false)]
    messages: Option<Vec<TokenProblem>>,
}

/// What is wrong with a token.
#[derive(ToSchema)]
struct TokenProblem {
    token_class: String,
    token_type: String,
    message: String,
}

/// What went wrong, under the other name.
#[derive(ToSchema)]
pub(super) struct ErrorText {
    /// Text for people.
    error: String,
}

/// A bad request: what went wrong, or the wrong fields and what is wrong with each.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum BadRequest {
    Problem(Problem),
    Error(ErrorText),
    Fields(BTreeMap<String, Vec<String>>),
}

/// Something is not there, or not the caller's.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum NotFound {
    Problem(Problem),
    Error(ErrorText),
}

#[derive(ToResponse)]
#[response(
    description = "Not a conversation of the caller.",
    example = json!({"detail": "No Conversation matches the given query."}),
)]
pub(super) struct NoConversation(Problem);

#[derive(ToResponse)]
#[response(
    description = "Not a message the caller sees.",
    example = json!({"detail": "No Message matches the given query."}),
)]
pub(super) struct NoMessage(Problem);

#[derive(ToResponse)]
#[response(
    description = "Not one of the caller's notifications.",
    example = json!({"detail": "No Notification matches the given query."}),
)]
pub(super) struct NoNotification(Problem);

#[derive(ToResponse)]
#[response(
    description = "No such user.",
    example = json!({"detail": "No User matches the given query."}),
)]
pub(super) struct NoUser(Problem);

#[derive(ToResponse)]
#[response(
    description = "Too many messages of the user, or logins, registrations or refused refreshes of \
                   the address.",
    headers(("Retry-After" = u32, description = "Seconds to wait.")),
)]
pub(super) struct TooManyRequests(Problem);

#[derive(ToResponse)]
#[response(
    description = "The database has no room.",
    headers(("Retry-After" = u32, description = "Seconds to wait.")),
)]
pub(super) struct StorageFull(Problem);
