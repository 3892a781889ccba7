//! `GET /api/users/me/`

use actix_web::{HttpResponse, web};

use super::{error::ApiError, extract::Identity, follow_stats::stats};
use crate::{actors::Services, protocol::CurrentUserView};

pub(super) async fn me(
    services: web::Data<Services>,
    Identity(person): Identity,
) -> Result<HttpResponse, ApiError> {
    let stats = stats(&services, person.id, None).await?;
    Ok(HttpResponse::Ok().json(CurrentUserView::own(&person).with_stats(stats)))
}
