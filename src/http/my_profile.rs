//! `GET /api/profiles/my_profile/`: without it the old dashboard shows nothing at all.

use actix_web::{HttpResponse, web};

use super::{error::ApiError, extract::Identity, follow_stats::stats};
use crate::{actors::Services, protocol::OwnProfileView};

pub(super) async fn my_profile(
    services: web::Data<Services>,
    Identity(person): Identity,
) -> Result<HttpResponse, ApiError> {
    let stats = stats(&services, person.id, None).await?;
    Ok(HttpResponse::Ok().json(OwnProfileView::new(&person, stats)))
}
