//! `/api/admin/…`: for the staff. What may be done and what is written down of it is decided in
//! `crate::admin`.

pub(super) mod audit;
pub(super) mod conversations;
pub(super) mod messages;
pub(super) mod users;

use actix_web::{
    http::Method,
    web::{delete, get, post},
};

use super::{error::ApiError, extract::Query, routes::Methods};
use crate::admin::AdminError;

/// Rows a list without pages gives unless the client says otherwise.
const LIMIT: u64 = 50;

/// Rows it gives at most.
const LIMIT_MAX: u64 = 200;

pub(super) fn table() -> Vec<(&'static str, Methods)> {
    vec![
        ("/api/admin/users/", vec![(Method::GET, get().to(users::list))]),
        ("/api/admin/users/{id}/", vec![(Method::GET, get().to(users::detail))]),
        ("/api/admin/users/{id}/activate/", vec![(Method::POST, post().to(users::activate))]),
        ("/api/admin/users/{id}/deactivate/", vec![(Method::POST, post().to(users::deactivate))]),
        (
            "/api/admin/users/{id}/conversations/",
            vec![(Method::GET, get().to(conversations::list))],
        ),
        (
            "/api/admin/conversations/{id}/messages/",
            vec![(Method::GET, get().to(conversations::messages))],
        ),
        ("/api/admin/messages/{id}/", vec![(Method::DELETE, delete().to(messages::delete))]),
        ("/api/admin/messages/{id}/edits/", vec![(Method::GET, get().to(messages::edits))]),
        ("/api/admin/audit/", vec![(Method::GET, get().to(audit::list))]),
    ]
}

impl From<AdminError> for ApiError {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Command(error) => error.into(),
            AdminError::Storage(error) => error.into(),
        }
    }
}

fn limit(query: &Query) -> Result<u64, ApiError> {
    Ok(number::<u64>(query, "limit")?.map_or(LIMIT, |limit| limit.clamp(1, LIMIT_MAX)))
}

fn number<T: std::str::FromStr>(query: &Query, name: &str) -> Result<Option<T>, ApiError> {
    let given = query.get(name).map(str::parse).transpose();
    given.map_err(|_not_a_number| ApiError::field(name, "A valid integer is required."))
}
