//! `GET /api/messaging/sync/`: what the caller missed in all his conversations.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::{
    error::ApiError,
    extract::{Identity, Query},
};
use crate::{
    actors::Services,
    domain::{SyncLimits, clock},
    protocol::{InvalidCursors, ResumeFrame, ResumedView, SyncView},
};

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    resumed: ResumedView<'a>,
    results: Vec<SyncView<'a>>,
}

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
