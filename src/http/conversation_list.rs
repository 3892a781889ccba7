//! `GET /api/messaging/conversations/`: everything in a person's list, newest activity first.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};

use super::{error::ApiError, extract::Identity};
use crate::{
    actors::Services,
    domain::{Conversation, MessageDetails, Person, clock},
    protocol::ConversationView,
    storage::{ConversationSummary, Reader},
};

/// Longest list; the old pages know no second page of it.
const MOST: u64 = 1000;

#[utoipa::path(
    get,
    path = "/api/messaging/conversations/",
    operation_id = "list_conversations",
    tag = "conversations",
    summary = "The caller's conversations",
    responses(
        (
            status = 200, description = "Newest activity first, at most 1000.",
            body = Vec<ConversationView>,
        ),
    ),
)]
pub(super) async fn list(
    services: web::Data<Services>,
    Identity(viewer): Identity,
) -> Result<HttpResponse, ApiError> {
    let reader = services.storage().read_as(viewer.id).await?;
    let summaries = reader.conversation_list(viewer.id, MOST).await?;
    let latest = latest_messages(&reader, &summaries).await?;
    let now = clock::now();
    let views: Vec<_> = summaries
        .iter()
        .map(|summary| {
            let latest = latest.get(&summary.conversation.id);
            let (conversation, unread) = (&summary.conversation, summary.unread);
            ConversationView::new(conversation, latest, unread, viewer.id, services.online(), now)
        })
        .collect();
    Ok(HttpResponse::Ok().json(views))
}

/// One conversation as the list would show it.
pub(super) async fn view_of_one(
    services: &Services,
    reader: &Reader,
    viewer: &Person,
    conversation: Conversation,
) -> Result<serde_json::Value, ApiError> {
    let summary = reader.conversation_summary(viewer.id, conversation).await?;
    let summaries = [summary];
    let latest = latest_messages(reader, &summaries).await?;
    let [ConversationSummary { conversation, unread, .. }] = &summaries;
    let view = ConversationView::new(
        conversation,
        latest.get(&conversation.id),
        *unread,
        viewer.id,
        services.online(),
        clock::now(),
    );
    Ok(serde_json::to_value(view).expect("views have string keys only"))
}

async fn latest_messages(
    reader: &Reader,
    summaries: &[ConversationSummary],
) -> Result<HashMap<crate::domain::ConversationId, MessageDetails>, ApiError> {
    let messages = reader.find_messages(summaries.iter().filter_map(|summary| summary.latest));
    let participants = summaries
        .iter()
        .map(|summary| (summary.conversation.id, summary.conversation.participants.clone()))
        .collect();
    let details = reader.details(messages.await?, &participants).await?;
    Ok(details.into_iter().map(|details| (details.message.conversation, details)).collect())
}
