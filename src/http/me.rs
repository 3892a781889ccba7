//! `GET /api/users/me/`

use actix_web::{HttpResponse, web};

use super::{error::ApiError, extract::Identity, follow_stats::stats};
use crate::{actors::Services, protocol::CurrentUserView};

#[utoipa::path(
    get,
    path = "/api/users/me/",
    operation_id = "me",
    tag = "accounts",
    summary = "The caller's own account",
    responses(
        (status = 200, description = "The account.", body = CurrentUserView),
    ),
)]
pub(super) async fn me(
    services: web::Data<Services>,
    Identity(person): Identity,
) -> Result<HttpResponse, ApiError> {
    let stats = stats(&services, person.id, None).await?;
    Ok(HttpResponse::Ok().json(CurrentUserView::own(&person).with_stats(stats)))
}
