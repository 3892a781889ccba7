//! `GET /api/messaging/messages/?user_id=`: the conversation with one person, newest page first.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    error::ApiError,
    extract::{Identity, Query},
    pagination::{MessagePage, MessagePaging, message_page},
    problems::{BadRequest, NotFound},
};
use crate::{
    actors::Services,
    domain::{ConversationId, DirectPair, UserId, clock},
    protocol::MessageView,
};

/// A page of the messages with one person.
#[derive(Serialize, ToSchema)]
#[schema(as = MessagesWithUser)]
struct Answer<'a> {
    #[schema(value_type = Vec<MessageView>)]
    messages: &'a RawValue,
    /// The same list as `messages`.
    #[schema(value_type = Vec<MessageView>)]
    results: &'a RawValue,
    count: u64,
    #[schema(required)]
    next: Option<&'a str>,
    #[schema(required)]
    previous: Option<&'a str>,
    has_more: bool,
    #[schema(required)]
    conversation_id: Option<ConversationId>,
}

#[utoipa::path(
    get,
    path = "/api/messaging/messages/",
    operation_id = "messages_with_user",
    tag = "messages",
    summary = "A page of the messages with one person",
    params(("user_id" = i64, Query, description = "The other person."), MessagePaging),
    responses(
        (status = 200, description = "Without a conversation it is empty.", body = Answer),
        (status = 400, description = "A parameter is wrong.", body = BadRequest),
        (status = 404, description = "No such user, or `page` is not a page.", body = NotFound),
    ),
)]
pub(super) async fn messages_with_user(
    services: web::Data<Services>,
    request: HttpRequest,
    Identity(viewer): Identity,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let bad = |text| ApiError::error(StatusCode::BAD_REQUEST, text);
    let other = query.get("user_id").filter(|text| !text.is_empty());
    let other = other.ok_or_else(|| bad("user_id parameter required"))?;
    let other =
        other.parse().map(UserId).map_err(|_malformed| bad("user_id must be an integer"))?;
    let reader = services.storage().read_as(viewer.id).await?;
    if reader.person(other).await?.is_none() {
        return Err(ApiError::user_not_found());
    }
    let conversation = match DirectPair::new(viewer.id, other) {
        Some(pair) => reader.conversation_of_pair(pair, viewer.id).await?,
        None => None,
    };
    let page = match &conversation {
        Some(conversation) => {
            let participant =
                conversation.participant(viewer.id).ok_or_else(ApiError::not_found)?;
            message_page(&reader, &request, &query, conversation, participant).await?
        }
        None => {
            MessagePage { messages: vec![], count: 0, next: None, previous: None, has_more: false }
        }
    };
    let now = clock::now();
    let views: Vec<_> = page
        .messages
        .iter()
        .map(|details| MessageView::new(details, services.online(), now))
        .collect();
    // Old clients read `messages`, newer ones `results`: written once, shown twice.
    let views = serde_json::value::to_raw_value(&views).expect("views have string keys only");
    Ok(HttpResponse::Ok().json(Answer {
        messages: &views,
        results: &views,
        count: page.count,
        next: page.next.as_deref(),
        previous: page.previous.as_deref(),
        has_more: page.has_more,
        conversation_id: conversation.map(|conversation| conversation.id),
    }))
}
