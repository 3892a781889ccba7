//! `GET /api/users/` and `GET /api/users/{id}/`: for the staff, with e-mail addresses.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    error::ApiError,
    extract::{Query, services},
    follow_stats::stats,
    list_page::ListPage,
    viewer::{Staff, no_user, user_in},
};
use crate::{actors::Services, protocol::CurrentUserView};

pub(super) async fn list(
    request: HttpRequest,
    _staff: Staff,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let storage = services(&request).storage();
    let page = ListPage::of(&query)?;
    let count = storage.user_count().await?;
    let users = storage.user_list(page.offset(count)?, page.size).await?;
    let stats = storage.follow_stats(users.iter().map(|user| user.id), None).await?;
    let results = users
        .iter()
        .map(|user| {
            let stats = stats.get(&user.id).copied().unwrap_or_default();
            CurrentUserView::own(user).with_stats(stats)
        })
        .collect();
    Ok(HttpResponse::Ok().json(page.envelope(&request, &query, count, results)))
}

pub(super) async fn detail(
    services: web::Data<Services>,
    _staff: Staff,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = user_in(&id)?;
    let user = services.storage().person(id).await?.ok_or_else(no_user)?;
    let stats = stats(&services, id, None).await?;
    Ok(HttpResponse::Ok().json(CurrentUserView::own(&user).with_stats(stats)))
}
