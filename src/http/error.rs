//! Errors as HTTP clients read them: the shapes of the replaced service (contract §1.3, §5).

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde_json::{Map, Value, json};

use crate::{
    auth::TokenError,
    commands::{AuthenticationError, CommandError},
    edge::Throttled,
    protocol::ErrorCode,
    storage::StorageError,
};

/// An answer that is not a success.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    body: Value,
    retry_after: Option<u32>,
    allow: Option<String>,
}

impl ApiError {
    fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body, retry_after: None, allow: None }
    }

    /// `{"detail": …}`
    pub fn detail(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::new(status, json!({"detail": detail.into()}))
    }

    /// `{"error": …}`
    pub fn error(status: StatusCode, text: &str) -> Self {
        Self::new(status, json!({"error": text}))
    }

    /// 400 with the wrong fields and what is wrong with each.
    pub fn fields(fields: Map<String, Value>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Value::Object(fields))
    }

    /// 400 with one wrong field.
    pub fn field(name: &str, text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, json!({name: [text.into()]}))
    }

    pub fn not_found() -> Self {
        Self::detail(StatusCode::NOT_FOUND, "Not found.")
    }

    pub fn user_not_found() -> Self {
        Self::error(StatusCode::NOT_FOUND, "User not found")
    }

    pub fn method_not_allowed(method: &str, allowed: &str) -> Self {
        let detail = format!("Method \"{method}\" not allowed.");
        Self {
            allow: Some(allowed.to_owned()),
            ..Self::detail(StatusCode::METHOD_NOT_ALLOWED, detail)
        }
    }

    pub fn too_many_requests(retry_after: u32) -> Self {
        let detail = format!("Request was throttled. Expected available in {retry_after} seconds.");
        Self {
            retry_after: Some(retry_after),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                json!({"detail": detail, "code": ErrorCode::RateLimited, "retry_after": retry_after}),
            )
        }
    }

    /// 401 without a token.
    pub fn no_credentials() -> Self {
        Self::detail(StatusCode::UNAUTHORIZED, "Authentication credentials were not provided.")
    }

    /// 401 for an `Authorization: Bearer` header that is not two words.
    pub fn bad_authorization_header() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            json!({
                "detail": "Authorization header must contain two space-delimited values",
                "code": "bad_authorization_header",
            }),
        )
    }

    /// 403 on a server that knows public keys only.
    pub fn issues_no_tokens() -> Self {
        Self::detail(StatusCode::FORBIDDEN, "This server issues no tokens.")
    }

    /// 401 for a refresh token that buys nothing.
    pub fn bad_refresh_token(error: TokenError) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            json!({"detail": error.to_string(), "code": "token_not_valid"}),
        )
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.status)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"api\""));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        response.json(&self.body)
    }
}

impl From<Throttled> for ApiError {
    fn from(Throttled { retry_after }: Throttled) -> Self {
        Self::too_many_requests(retry_after)
    }
}

impl From<AuthenticationError> for ApiError {
    fn from(error: AuthenticationError) -> Self {
        let text = error.to_string();
        let body = match error {
            AuthenticationError::Storage(error) => return error.into(),
            AuthenticationError::NotNow => return CommandError::Overloaded.into(),
            AuthenticationError::Token(TokenError::NoUser) | AuthenticationError::BadTicket => {
                json!({"detail": text, "code": "token_not_valid"})
            }
            AuthenticationError::Token(_) => json!({
                "detail": "Given token not valid for any token type",
                "code": "token_not_valid",
                "messages": [{
                    "token_class": "AccessToken",
                    "token_type": "access",
                    "message": text,
                }],
            }),
            AuthenticationError::UnknownUser => json!({"detail": text, "code": "user_not_found"}),
            AuthenticationError::InactiveUser => json!({"detail": text, "code": "user_inactive"}),
        };
        Self::new(StatusCode::UNAUTHORIZED, body)
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        tracing::error!(%error, "a request failed in the database");
        CommandError::from(&error).into()
    }
}

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> Self {
        let status = match error {
            CommandError::RecipientNotFound => return Self::user_not_found(),
            CommandError::ConversationNotFound => {
                return Self::detail(
                    StatusCode::NOT_FOUND,
                    "No Conversation matches the given query.",
                );
            }
            CommandError::MessageNotFound => {
                return Self::detail(StatusCode::NOT_FOUND, "No Message matches the given query.");
            }
            CommandError::SelfRecipient => StatusCode::BAD_REQUEST,
            CommandError::ReplyNotFound => {
                return Self::field("reply_to_id", "Reply message does not exist.");
            }
            CommandError::ReplyElsewhere => {
                return Self::field(
                    "reply_to_id",
                    "Can only reply to messages in the same conversation.",
                );
            }
            CommandError::NotAuthor => {
                return Self::error(StatusCode::FORBIDDEN, &error.to_string());
            }
            CommandError::NotPermitted => {
                return Self::detail(StatusCode::FORBIDDEN, error.to_string());
            }
            CommandError::SelfFollow | CommandError::SelfSuspension => {
                return Self::error(StatusCode::BAD_REQUEST, &error.to_string());
            }
            CommandError::FollowNotFound => {
                return Self::detail(
                    StatusCode::NOT_FOUND,
                    "No FollowNotification matches the given query.",
                );
            }
            CommandError::NotificationNotFound => {
                return Self::detail(
                    StatusCode::NOT_FOUND,
                    "No Notification matches the given query.",
                );
            }
            CommandError::DeviceNotFound => {
                return Self::detail(StatusCode::NOT_FOUND, "No Device matches the given query.");
            }
            CommandError::SettingsTooLarge => {
                return Self::field("non_field_errors", error.to_string());
            }
            CommandError::UsernameTaken => return Self::field("username", error.to_string()),
            CommandError::Overloaded | CommandError::Unavailable | CommandError::Restarting => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            CommandError::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            CommandError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut body = json!({"detail": error.to_string(), "code": error.code()});
        if let Some(seconds) = error.retry_after() {
            body["retry_after"] = seconds.into();
        }
        Self { retry_after: error.retry_after(), ..Self::new(status, body) }
    }
}
