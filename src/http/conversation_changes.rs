//! `GET /api/messaging/conversations/{id}/changes/`: what the caller missed in one conversation.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    error::ApiError,
    extract::{Identity, Query},
    problems::{BadRequest, NoConversation, TooManyRequests},
    sync_parameters::ChangesParameters,
};
use crate::{
    actors::Services,
    commands::CommandError,
    domain::{ConversationId, Rev, SyncLimits, clock},
    protocol::{SyncView, check_epoch},
};

#[derive(Serialize, ToSchema)]
#[schema(as = Changes)]
struct Answer<'a> {
    epoch: &'a str,
    #[serde(flatten)]
    changes: SyncView<'a>,
}

#[utoipa::path(
    get,
    path = "/api/messaging/conversations/{id}/changes/",
    operation_id = "list_changes",
    tag = "conversations",
    summary = "What the caller missed in one conversation",
    params(("id" = ConversationId, Path, description = "Of the conversation."), ChangesParameters),
    responses(
        (status = 200, description = "What has changed since.", body = Answer),
        (status = 400, description = "A parameter is wrong.", body = BadRequest),
        (status = 404, response = NoConversation),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn changes(
    services: web::Data<Services>,
    Identity(member): Identity,
    id: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let id = Uuid::parse_str(&id).map_err(|_malformed| ApiError::not_found())?;
    let after_rev = after_rev(&query)?;
    let limits = limits(&query, SyncLimits::from(&services.config().limits))?;
    let epoch = query.get("epoch").filter(|epoch| !epoch.is_empty());
    check_epoch(epoch)?;
    services.edge().rates.syncs.check(&member.id)?;
    let (storage, id) = (services.storage(), ConversationId(id));
    let found = storage.missed_in(member.id, id, after_rev, epoch, limits).await?;
    let (epoch, missed) = found.ok_or(CommandError::ConversationNotFound)?;
    let changes = SyncView::new(&missed, member.id, services.online(), clock::now());
    Ok(HttpResponse::Ok().json(Answer { epoch: &epoch.0, changes }))
}

fn after_rev(query: &Query) -> Result<Rev, ApiError> {
    let given = query.get("after_rev").and_then(|text| text.parse().ok());
    given
        .filter(|rev| *rev >= 0)
        .map(Rev)
        .ok_or_else(|| ApiError::field("after_rev", "An integer from 0 is required."))
}

fn limits(query: &Query, most: SyncLimits) -> Result<SyncLimits, ApiError> {
    match query.get("limit") {
        None => Ok(most),
        Some(text) => match text.parse::<i64>() {
            Ok(limit) if limit > 0 => Ok(SyncLimits { page: limit.min(most.page), ..most }),
            _ => Err(ApiError::field("limit", "A positive integer is required.")),
        },
    }
}
