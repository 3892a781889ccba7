//! `GET /api/users/` and `GET /api/users/{id}/`: for the staff, with e-mail addresses.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    error::ApiError,
    extract::{Query, services},
    follow_stats::stats,
    list_page::{ListEnvelope, ListPage, ListPaging},
    problems::{NoUser, Problem},
    viewer::{Staff, no_user, user_in},
};
use crate::{actors::Services, protocol::CurrentUserView};

#[utoipa::path(
    get,
    path = "/api/users/",
    operation_id = "list_users",
    tag = "accounts",
    summary = "All accounts, for the staff",
    params(ListPaging),
    responses(
        (
            status = 200, description = "In the order of their ids.",
            body = ListEnvelope<CurrentUserView>,
        ),
        (status = 403, description = "Not a member of the staff.", body = Problem),
        (status = 404, description = "`page` is not a page.", body = Problem),
    ),
)]
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

#[utoipa::path(
    get,
    path = "/api/users/{id}/",
    operation_id = "user",
    tag = "accounts",
    summary = "An account by its id, for the staff",
    params(("id" = i64, Path, description = "Of the user.")),
    responses(
        (status = 200, description = "The account.", body = CurrentUserView),
        (status = 403, description = "Not a member of the staff.", body = Problem),
        (status = 404, response = NoUser),
    ),
)]
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
