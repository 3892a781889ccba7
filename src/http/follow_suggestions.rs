//! `GET /api/follow/suggestions/`: people one might want to follow.

use actix_web::{HttpResponse, web};

use super::{error::ApiError, extract::Identity};
use crate::{actors::Services, protocol::UserBasicView};

const MOST: u64 = 10;

#[utoipa::path(
    get,
    path = "/api/follow/suggestions/",
    operation_id = "suggest_people",
    tag = "people",
    summary = "People the caller might want to follow",
    responses(
        (
            status = 200,
            description = "At most 10: first those followed by people he follows, then the \
                           newest users.",
            body = Vec<UserBasicView>,
        ),
    ),
)]
pub(super) async fn suggestions(
    services: web::Data<Services>,
    Identity(viewer): Identity,
) -> Result<HttpResponse, ApiError> {
    let found = services.storage().follow_suggestions(viewer.id, MOST).await?;
    let views: Vec<_> = found.iter().map(UserBasicView::new).collect();
    Ok(HttpResponse::Ok().json(views))
}
