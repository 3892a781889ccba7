//! `/api/admin/audit/`: who has looked at what.

use actix_web::{HttpResponse, web};

use super::{limit, number};
use crate::{
    actors::Services,
    admin,
    domain::UserId,
    http::{
        error::ApiError,
        extract::Query,
        problems::{BadRequest, Problem},
        viewer::Staff,
    },
    protocol::AdminAccessView,
    storage::AuditFilter,
};

#[utoipa::path(
    get,
    path = "/api/admin/audit/",
    operation_id = "admin_list_accesses",
    tag = "administration",
    summary = "What administrators have looked at and done",
    params(
        ("admin_id" = Option<i64>, Query, description = "Only what this administrator did."),
        ("user_id" = Option<i64>, Query, description = "Only what was about this user."),
        ("before" = Option<i64>, Query, description = "Lines with a lower `id` only."),
        ("limit" = Option<u64>, Query, description = "1 to 200; 50 unless given."),
    ),
    responses(
        (status = 200, description = "Newest first.", body = Vec<AdminAccessView>),
        (status = 400, description = "A parameter is wrong.", body = BadRequest),
        (status = 403, description = "Not a member of the staff.", body = Problem),
    ),
)]
pub(in crate::http) async fn list(
    services: web::Data<Services>,
    Staff(admin): Staff,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let filter = AuditFilter {
        admin: number(&query, "admin_id")?.map(UserId),
        user: number(&query, "user_id")?.map(UserId),
        before: number(&query, "before")?,
    };
    let accesses = admin::record(&services, &admin, filter, limit(&query)?).await?;
    let views: Vec<_> = accesses.iter().map(AdminAccessView::new).collect();
    Ok(HttpResponse::Ok().json(views))
}
