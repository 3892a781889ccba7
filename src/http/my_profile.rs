//! `GET /api/profiles/my_profile/`: without it the old dashboard shows nothing at all.

use actix_web::{HttpResponse, web};

use super::{error::ApiError, extract::Identity, follow_stats::stats};
use crate::{actors::Services, protocol::OwnProfileView};

#[utoipa::path(
    get,
    path = "/api/profiles/my_profile/",
    operation_id = "my_profile",
    tag = "people",
    summary = "The caller's own profile",
    responses(
        (status = 200, description = "The profile.", body = OwnProfileView),
    ),
)]
pub(super) async fn my_profile(
    services: web::Data<Services>,
    Identity(person): Identity,
) -> Result<HttpResponse, ApiError> {
    let stats = stats(&services, person.id, None).await?;
    Ok(HttpResponse::Ok().json(OwnProfileView::new(&person, stats)))
}
