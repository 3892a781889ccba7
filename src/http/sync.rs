//! `GET /api/messaging/sync/`: what the caller missed in all his conversations.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::ApiError,
    extract::{Identity, Query},
    problems::{BadRequest, TooManyRequests},
    sync_parameters::SyncParameters,
};
use crate::{
    actors::Services,
    domain::{SyncLimits, clock},
    protocol::{InvalidCursors, ResumeFrame, ResumedView, SyncView},
};

#[derive(Serialize, ToSchema)]
#[schema(as = Missed)]
struct Answer<'a> {
    #[serde(flatten)]
    resumed: ResumedView<'a>,
    results: Vec<SyncView<'a>>,
}

#[utoipa::path(
    get,
    path = "/api/messaging/sync/",
    operation_id = "sync",
    tag = "conversations",
    summary = "What the caller missed in all his conversations",
    params(SyncParameters),
    responses(
        (status = 200, description = "What has changed since.", body = Answer),
        (status = 400, description = "A parameter is wrong.", body = BadRequest),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn sync(
    services: web::Data<Services>,
    Identity(member): Identity,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let resume = ResumeFrame::from_query(query.get("cursors"), query.get("epoch"))?;
    services.edge().rates.syncs.check(&member.id)?;
    let limits = SyncLimits::from(&services.config().limits);
    let epoch = resume.epoch.as_deref();
    let missed = services.storage().missed(member.id, &resume.known, epoch, limits).await?;
    let now = clock::now();
    let conversations = missed.conversations.iter();
    Ok(HttpResponse::Ok().json(Answer {
        resumed: ResumedView::new(&missed),
        results: conversations
            .map(|conversation| SyncView::new(conversation, member.id, services.online(), now))
            .collect(),
    }))
}

impl From<InvalidCursors> for ApiError {
    fn from(error: InvalidCursors) -> Self {
        Self::field(error.field(), error.to_string())
    }
}
