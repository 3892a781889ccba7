//! `GET /api/follow/search/?q=`: people by user name, first or last name.

use actix_web::{HttpResponse, http::StatusCode, web};

use super::{
    error::ApiError,
    extract::{Identity, Query},
    problems::ErrorText,
};
use crate::{actors::Services, protocol::UserBasicView, storage::PeopleSearch};

const MIN_CHARS: usize = 2;

/// Longer than any name.
const MAX_CHARS: usize = 200;

const MOST: u64 = 20;

#[utoipa::path(
    get,
    path = "/api/follow/search/",
    operation_id = "search_people",
    tag = "people",
    summary = "People by name",
    params(("q" = String, Query, min_length = 2, description = "Part of a name.")),
    responses(
        (status = 200, description = "At most 20, the caller left out.", body = Vec<UserBasicView>),
        (
            status = 400, description = "`q` is too short.", body = ErrorText,
            example = json!({"error": "Search query must be at least 2 characters long"}),
        ),
    ),
)]
pub(super) async fn search(
    services: web::Data<Services>,
    Identity(viewer): Identity,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let text = query.get("q").unwrap_or_default().trim();
    if text.chars().count() < MIN_CHARS {
        let error = "Search query must be at least 2 characters long";
        return Err(ApiError::error(StatusCode::BAD_REQUEST, error));
    }
    let found = if is_searchable(text) {
        let except = Some(viewer.id);
        let search = PeopleSearch { text, user_type: None, except, limit: MOST };
        services.storage().search_people(search).await?
    } else {
        vec![]
    };
    let views: Vec<_> = found.iter().map(UserBasicView::new).collect();
    Ok(HttpResponse::Ok().json(views))
}

/// Nobody's name is that long or holds a NUL, which PostgreSQL would refuse to compare.
pub(super) fn is_searchable(text: &str) -> bool {
    !text.contains('\0') && text.chars().count() <= MAX_CHARS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_no_name_can_hold_is_not_searched_for() {
        assert!(is_searchable("nadia"));
        assert!(!is_searchable("na\0dia"));
        assert!(!is_searchable(&"a".repeat(201)));
    }
}
