//! `/api/admin/users/{id}/conversations/` and `/api/admin/conversations/{id}/messages/`

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{limit, number};
use crate::{
    actors::Services,
    admin,
    domain::{ConversationId, Seq},
    http::{
        error::ApiError,
        extract::{Query, services},
        list_page::{ListEnvelope, ListPage, ListPaging},
        problems::{BadRequest, NoConversation, NotFound, Problem},
        viewer::{Staff, user_in},
    },
    protocol::{AdminConversationView, AdminMessageView},
};

/// Messages of a conversation, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AdminHistory<'a> {
    pub(super) has_more: bool,
    /// What to give as `before` for older ones.
    pub(super) next_before: Option<i64>,
    pub(super) results: Vec<AdminMessageView<'a>>,
}

#[utoipa::path(
    get,
    path = "/api/admin/users/{id}/conversations/",
    operation_id = "admin_list_conversations",
    tag = "administration",
    summary = "The conversations of a user",
    params(("id" = i64, Path, description = "Of the user."), ListPaging),
    responses(
        (
            status = 200, description = "Newest first; those he has left included.",
            body = ListEnvelope<AdminConversationView>,
        ),
        (status = 403, description = "Not a member of the staff.", body = Problem),
        (status = 404, description = "No such user, or no such page.", body = NotFound),
    ),
)]
pub(in crate::http) async fn list(
    request: HttpRequest,
    Staff(admin): Staff,
    id: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let services = services(&request);
    let page = ListPage::of(&query)?;
    let user = user_in(&id)?;
    let offset = |count| page.offset(count);
    let (count, conversations) =
        admin::conversations(services, &admin, user, page.size, offset).await?;
    let results = conversations.iter().map(AdminConversationView::new).collect();
    Ok(HttpResponse::Ok().json(page.envelope(&request, &query, count, results)))
}

#[utoipa::path(
    get,
    path = "/api/admin/conversations/{id}/messages/",
    operation_id = "admin_list_messages",
    tag = "administration",
    summary = "The messages of any conversation, deleted ones included",
    params(
        ("id" = ConversationId, Path, description = "Of the conversation."),
        ("before" = Option<i64>, Query, description = "Messages with a lower `seq` only."),
        ("limit" = Option<u64>, Query, description = "1 to 200; 50 unless given."),
    ),
    responses(
        (status = 200, description = "Newest first.", body = AdminHistory),
        (status = 400, description = "A parameter is wrong.", body = BadRequest),
        (status = 403, description = "Not a member of the staff.", body = Problem),
        (status = 404, response = NoConversation),
    ),
)]
pub(in crate::http) async fn messages(
    services: web::Data<Services>,
    Staff(admin): Staff,
    id: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::parse_str(&id).map(ConversationId);
    let id = id.map_err(|_malformed| ApiError::not_found())?;
    let (before, limit) = (number(&query, "before")?.map(Seq), limit(&query)?);
    // One more tells whether there are older ones.
    let mut messages = admin::history(&services, &admin, id, before, limit + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = messages.len() > limit;
    messages.truncate(limit);
    let oldest = messages.last().map(|oldest| oldest.message.seq.0);
    Ok(HttpResponse::Ok().json(AdminHistory {
        has_more,
        next_before: oldest.filter(|_| has_more),
        results: messages.iter().map(AdminMessageView::new).collect(),
    }))
}
