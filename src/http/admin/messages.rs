//! `/api/admin/messages/{id}/`: what a message has said, and its end.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    actors::Services,
    admin,
    domain::MessageId,
    http::{
        error::ApiError,
        message::message_id,
        problems::{NoMessage, Problem},
        viewer::Staff,
    },
    protocol::{AdminEditView, AdminMessageView},
};

/// A message and what it has said before, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AdminEdits<'a> {
    message: AdminMessageView<'a>,
    edits: Vec<AdminEditView<'a>>,
}

#[utoipa::path(
    delete,
    path = "/api/admin/messages/{id}/",
    operation_id = "admin_delete_message",
    tag = "administration",
    summary = "Delete anybody's message for everybody",
    description = "Its members hear `message_deleted`. Administrators still see the text.",
    params(("id" = MessageId, Path, description = "Of the message.")),
    responses(
        (status = 204, description = "It is gone, perhaps since before."),
        (status = 403, description = "Not a member of the staff.", body = Problem),
        (status = 404, response = NoMessage),
    ),
)]
pub(in crate::http) async fn delete(
    services: web::Data<Services>,
    Staff(admin): Staff,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    admin::delete_message(&services, &admin, message_id(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[utoipa::path(
    get,
    path = "/api/admin/messages/{id}/edits/",
    operation_id = "admin_list_edits",
    tag = "administration",
    summary = "What a message has said before each edit",
    params(("id" = MessageId, Path, description = "Of the message.")),
    responses(
        (status = 200, description = "At most 1000 texts.", body = AdminEdits),
        (status = 403, description = "Not a member of the staff.", body = Problem),
        (status = 404, response = NoMessage),
    ),
)]
pub(in crate::http) async fn edits(
    services: web::Data<Services>,
    Staff(admin): Staff,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let found = admin::edits(&services, &admin, message_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(AdminEdits {
        message: AdminMessageView::new(&found.message),
        edits: found.edits.iter().map(AdminEditView::new).collect(),
    }))
}
