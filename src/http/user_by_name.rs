//! `GET /api/users/username/{name}/`: exact, with dots allowed.

use actix_web::{HttpResponse, web};

use super::{error::ApiError, extract::Identity, follow_stats::stats, problems::ErrorText};
use crate::{actors::Services, protocol::CurrentUserView};

#[utoipa::path(
    get,
    path = "/api/users/username/{name}/",
    operation_id = "user_by_name",
    tag = "accounts",
    summary = "An account by its exact user name",
    params(("name" = String, Path, description = "User name; dots are allowed.")),
    responses(
        (
            status = 200,
            description = "The account; without the e-mail address unless it is the caller's own.",
            body = CurrentUserView,
        ),
        (
            status = 404, description = "No active user has this name.", body = ErrorText,
            example = json!({"error": "User not found"}),
        ),
    ),
)]
pub(super) async fn user_by_name(
    services: web::Data<Services>,
    Identity(viewer): Identity,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let user = services.storage().user_by_name(&name).await?;
    let user = user.filter(|user| user.is_active).ok_or_else(ApiError::user_not_found)?;
    let view = if user.id == viewer.id {
        CurrentUserView::own(&user)
    } else {
        CurrentUserView::of_other(&user)
    };
    let stats = stats(&services, user.id, Some(viewer.id)).await?;
    Ok(HttpResponse::Ok().json(view.with_stats(stats)))
}
