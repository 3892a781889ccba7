//! `DELETE /api/messaging/conversations/{id}/`: out of one's own list, until something new happens.
//! PUT and PATCH answer and change nothing: nothing about a conversation can be written.

use actix_web::{HttpResponse, web};

use super::{
    conversation_detail::{conversation_in, own_conversation},
    conversation_list::view_of_one,
    error::ApiError,
    extract::Identity,
    problems::NoConversation,
};
use crate::{
    actors::Services,
    commands::{Command, HideConversation},
    domain::ConversationId,
    protocol::ConversationView,
};

#[utoipa::path(
    delete,
    path = "/api/messaging/conversations/{id}/",
    operation_id = "hide_conversation",
    tag = "conversations",
    summary = "Hide a conversation",
    description = "Out of the caller's list until the next message, or until he starts it again.",
    params(("id" = ConversationId, Path, description = "Of the conversation.")),
    responses(
        (status = 204, description = "It is hidden."),
        (status = 404, response = NoConversation),
    ),
)]
pub(super) async fn hide(
    services: web::Data<Services>,
    Identity(member): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let conversation = conversation_in(&services, &id, &member).await?.id;
    let hide = HideConversation { member: member.id, conversation };
    services.execute(Command::HideConversation(hide), member.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[utoipa::path(
    method(put, patch),
    path = "/api/messaging/conversations/{id}/",
    operation_id = "write_conversation",
    tag = "conversations",
    summary = "Changes nothing; there for old clients",
    params(("id" = ConversationId, Path, description = "Of the conversation.")),
    responses(
        (status = 200, description = "The conversation as it is.", body = ConversationView),
        (status = 404, response = NoConversation),
    ),
)]
pub(super) async fn unchanged(
    services: web::Data<Services>,
    Identity(member): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let reader = services.storage().read_as(member.id).await?;
    let conversation = own_conversation(&reader, &id, &member).await?;
    Ok(HttpResponse::Ok().json(view_of_one(&services, &reader, &member, conversation).await?))
}
