//! `/api/admin/users/`: accounts, and whether they may come in.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use crate::{
    actors::Services,
    admin::{self, Accounts},
    domain::UserId,
    http::{
        error::ApiError,
        extract::{Query, services},
        follow_search::is_searchable,
        list_page::{ListEnvelope, ListPage, ListPaging},
        problems::{ErrorText, NotFound, Problem},
        viewer::{Staff, user_in},
    },
    protocol::AdminAccountView,
};

#[utoipa::path(
    get,
    path = "/api/admin/users/",
    operation_id = "admin_list_users",
    tag = "administration",
    summary = "Accounts, deactivated ones included",
    params(
        ListPaging,
        (
            "q" = Option<String>, Query,
            description = "Part of a user name, a first or last name or an e-mail address.",
        ),
    ),
    responses(
        (
            status = 200, description = "In the order of their ids.",
            body = ListEnvelope<AdminAccountView>,
        ),
        (status = 403, description = "Not a member of the staff.", body = Problem),
        (status = 404, description = "`page` is not a page.", body = Problem),
    ),
)]
pub(in crate::http) async fn list(
    request: HttpRequest,
    Staff(admin): Staff,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let services = services(&request);
    let search = query.get("q").unwrap_or_default().trim();
    if !is_searchable(search) {
        let error = "The search text is too long or holds a NUL character";
        return Err(ApiError::error(StatusCode::BAD_REQUEST, error));
    }
    let page = ListPage::of(&query)?;
    let Accounts { count, page: users } =
        admin::accounts(services, &admin, search, page.size, |count| page.offset(count)).await?;
    let online = services.online();
    let results =
        users.iter().map(|user| AdminAccountView::new(user, online.contains(user.id))).collect();
    Ok(HttpResponse::Ok().json(page.envelope(&request, &query, count, results)))
}

#[utoipa::path(
    get,
    path = "/api/admin/users/{id}/",
    operation_id = "admin_user",
    tag = "administration",
    summary = "One account",
    params(("id" = i64, Path, description = "Of the user.")),
    responses(
        (status = 200, description = "The account.", body = AdminAccountView),
        (status = 403, description = "Not a member of the staff.", body = Problem),
        (status = 404, description = "No such user.", body = NotFound),
    ),
)]
pub(in crate::http) async fn detail(
    services: web::Data<Services>,
    Staff(admin): Staff,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let user = admin::account(&services, &admin, user_in(&id)?).await?;
    Ok(HttpResponse::Ok().json(AdminAccountView::new(&user, services.online().contains(user.id))))
}

#[utoipa::path(
    post,
    path = "/api/admin/users/{id}/activate/",
    operation_id = "admin_activate_user",
    tag = "administration",
    summary = "Let a user in again",
    params(("id" = i64, Path, description = "Of the user.")),
    responses(
        (status = 204, description = "He may come in."),
        (status = 400, description = "The caller himself.", body = ErrorText),
        (status = 403, description = "Not a member of the staff, or a colleague.", body = Problem),
        (status = 404, description = "No such user.", body = NotFound),
    ),
)]
pub(in crate::http) async fn activate(
    services: web::Data<Services>,
    staff: Staff,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    set_active(&services, staff, user_in(&id)?, true).await
}

#[utoipa::path(
    post,
    path = "/api/admin/users/{id}/deactivate/",
    operation_id = "admin_deactivate_user",
    tag = "administration",
    summary = "Let a user in no longer",
    description = "His connections close within two seconds.",
    params(("id" = i64, Path, description = "Of the user.")),
    responses(
        (status = 204, description = "No token of his is accepted any more."),
        (status = 400, description = "The caller himself.", body = ErrorText),
        (
            status = 403,
            description = "Not a member of the staff; or a colleague, whom only a superuser suspends.",
            body = Problem,
        ),
        (status = 404, description = "No such user.", body = NotFound),
    ),
)]
pub(in crate::http) async fn deactivate(
    services: web::Data<Services>,
    staff: Staff,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    set_active(&services, staff, user_in(&id)?, false).await
}

async fn set_active(
    services: &Services,
    Staff(admin): Staff,
    user: UserId,
    is_active: bool,
) -> Result<HttpResponse, ApiError> {
    admin::set_active(services, &admin, user, is_active).await?;
    Ok(HttpResponse::NoContent().finish())
}
