//! `GET /api/public-profiles/{name}/`: open, whatever the case of the name.

use actix_web::{HttpResponse, web};

use super::{
    error::ApiError, follow_search::is_searchable, follow_stats::stats, problems::Problem,
    viewer::Viewer,
};
use crate::{actors::Services, protocol::PublicProfileView};

#[utoipa::path(
    get,
    path = "/api/public-profiles/{name}/",
    operation_id = "public_profile",
    tag = "people",
    summary = "What anybody may see of somebody",
    security((), ("token" = [])),
    params(("name" = String, Path, description = "User name, whatever its letter case.")),
    responses(
        (status = 200, description = "The profile.", body = PublicProfileView),
        (
            status = 404, description = "No active user has this name.", body = Problem,
            example = json!({"detail": "Not found."}),
        ),
    ),
)]
pub(super) async fn profile(
    services: web::Data<Services>,
    viewer: Viewer,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let user = if is_searchable(&name) {
        services.storage().user_by_name_any_case(&name).await?
    } else {
        None
    };
    let user = user.ok_or_else(ApiError::not_found)?;
    let stats = stats(&services, user.id, viewer.id()).await?;
    Ok(HttpResponse::Ok().json(PublicProfileView::new(&user, stats)))
}
