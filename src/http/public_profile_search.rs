//! `GET /api/public-profiles/search/?q=&type=`: open; without a text, everybody.

use actix_web::{HttpResponse, web};

use super::{error::ApiError, extract::Query, follow_search::is_searchable, viewer::Viewer};
use crate::{actors::Services, protocol::PublicProfileView, storage::PeopleSearch};

const MOST: u64 = 50;

#[utoipa::path(
    get,
    path = "/api/public-profiles/search/",
    operation_id = "search_public_profiles",
    tag = "people",
    summary = "Profiles by name",
    security((), ("token" = [])),
    params(
        ("q" = Option<String>, Query, description = "Part of a name."),
        ("type" = Option<String>, Query, description = "A `user_type`."),
    ),
    responses(
        (status = 200, description = "At most 50.", body = Vec<PublicProfileView>),
    ),
)]
pub(super) async fn search(
    services: web::Data<Services>,
    viewer: Viewer,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let storage = services.storage();
    let text = query.get("q").unwrap_or_default().trim();
    let user_type = query.get("type").map(str::trim).filter(|name| !name.is_empty());
    let found = if is_searchable(text) && user_type.is_none_or(is_searchable) {
        let search = PeopleSearch { text, user_type, except: None, limit: MOST };
        storage.search_people(search).await?
    } else {
        vec![]
    };
    let stats = storage.follow_stats(found.iter().map(|user| user.id), viewer.id()).await?;
    let views: Vec<_> = found
        .iter()
        .map(|user| PublicProfileView::new(user, stats.get(&user.id).copied().unwrap_or_default()))
        .collect();
    Ok(HttpResponse::Ok().json(views))
}
