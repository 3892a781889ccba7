//! `GET /api/users/me/`

use actix_web::HttpResponse;

use super::extract::Identity;
use crate::protocol::CurrentUserView;

pub(super) async fn me(Identity(person): Identity) -> HttpResponse {
    HttpResponse::Ok().json(CurrentUserView::own(&person))
}
