//! `DELETE /api/messaging/conversations/{id}/`: out of one's own list, until something new happens.
//! PUT and PATCH answer and change nothing: nothing about a conversation can be written.

use actix_web::{HttpResponse, web};

use super::{
    conversation_detail::{conversation_in, own_conversation},
    conversation_list::view_of_one,
    error::ApiError,
    extract::Identity,
};
use crate::{
    actors::Services,
    commands::{Command, HideConversation},
};

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

pub(super) async fn unchanged(
    services: web::Data<Services>,
    Identity(member): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let reader = services.storage().read_as(member.id).await?;
    let conversation = own_conversation(&reader, &id, &member).await?;
    Ok(HttpResponse::Ok().json(view_of_one(&services, &reader, &member, conversation).await?))
}
