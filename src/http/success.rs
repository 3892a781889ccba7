//! The answer of what has nothing else to say.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

/// It has been done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Success {
    status: &'static str,
    /// Text for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    message: Option<Cow<'static, str>>,
}

impl Success {
    pub fn plain() -> Self {
        Self { status: "success", message: None }
    }

    pub fn saying(message: impl Into<Cow<'static, str>>) -> Self {
        Self { status: "success", message: Some(message.into()) }
    }
}
