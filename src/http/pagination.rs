//! Pages of messages: `page` and `page_size` as the old pages ask, `before` for everybody else.

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    error::ApiError,
    extract::{Query, services},
};
use crate::{
    domain::{Conversation, MessageDetails, MessageId, Participant, Seq},
    protocol::MessageView,
    storage::{PageStart, Reader},
};

/// Messages on a page unless the client says otherwise.
const PAGE_SIZE: u64 = 50;

/// One page of a conversation as one of its members sees it.
#[derive(Debug)]
pub(super) struct MessagePage {
    pub messages: Vec<MessageDetails>,
    pub count: u64,
    pub next: Option<String>,
    pub previous: Option<String>,
    pub has_more: bool,
}

/// Which page of messages is wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the query is read field by field; this describes it")]
pub(super) struct MessagePaging {
    /// 1 is the newest page.
    #[param(minimum = 1, default = 1)]
    page: Option<u64>,
    /// Messages on a page; cut to `limits.page_max`.
    #[param(minimum = 1, default = 50)]
    page_size: Option<u64>,
    /// Another name of `page_size`.
    #[param(minimum = 1)]
    limit: Option<u64>,
    /// Id or `seq` of a message: the page of messages older than it. Wins over `page`.
    before: Option<String>,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessagePage)]
pub(super) struct Envelope<'a> {
    /// Messages the caller sees in the whole conversation.
    pub count: u64,
    /// URL of the page with older messages.
    #[schema(required)]
    pub next: Option<&'a str>,
    #[schema(required)]
    pub previous: Option<&'a str>,
    pub has_more: bool,
    pub results: Vec<MessageView<'a>>,
}

/// Page 1 is the newest; inside a page the oldest comes first; `next` is the page of older messages.
pub(super) async fn message_page(
    reader: &Reader,
    request: &HttpRequest,
    query: &Query,
    conversation: &Conversation,
    viewer: &Participant,
) -> Result<MessagePage, ApiError> {
    let size = page_size(query, services(request).config().limits.page_max)?;
    let count = reader.history_length(conversation.id, conversation.last_seq, viewer).await?;
    let page_number = page_number(query)?;
    let start = match (query.get("before"), page_number) {
        (Some(before), _) => {
            PageStart::Before(before_seq(reader, before, conversation, viewer).await?)
        }
        (None, 1) => PageStart::Newest,
        (None, page) => {
            let skipped = (page - 1).saturating_mul(size);
            if skipped >= count {
                return Err(invalid_page());
            }
            PageStart::Skip(skipped)
        }
    };
    let participants = &conversation.participants;
    let page = reader.history(conversation.id, participants, viewer, start, size).await?;

    let by_page = matches!(start, PageStart::Newest | PageStart::Skip(_));
    let next = page.has_more.then(|| match page.messages.first() {
        Some(oldest) if !by_page => link(request, query, "before", &oldest.message.id.to_string()),
        Some(_) | None => link(request, query, "page", &(page_number + 1).to_string()),
    });
    let previous = (by_page && page_number > 1)
        .then(|| link(request, query, "page", &(page_number - 1).to_string()));
    Ok(MessagePage { messages: page.messages, count, next, previous, has_more: page.has_more })
}

/// A positive number of messages, at most `most`.
pub(super) fn page_size(query: &Query, most: u64) -> Result<u64, ApiError> {
    match query.get("page_size").or_else(|| query.get("limit")) {
        None => Ok(PAGE_SIZE.min(most)),
        Some(text) => match text.parse::<u64>() {
            Ok(size) if size > 0 => Ok(size.min(most)),
            _ => Err(ApiError::field("page_size", "A positive integer is required.")),
        },
    }
}

pub(super) fn page_number(query: &Query) -> Result<u64, ApiError> {
    match query.get("page") {
        None => Ok(1),
        Some(text) => text.parse().ok().filter(|page| *page > 0).ok_or_else(invalid_page),
    }
}

pub(super) fn invalid_page() -> ApiError {
    ApiError::detail(StatusCode::NOT_FOUND, "Invalid page.")
}

/// `before` names a message by its id or by its sequence number.
async fn before_seq(
    reader: &Reader,
    before: &str,
    conversation: &Conversation,
    viewer: &Participant,
) -> Result<Seq, ApiError> {
    if let Ok(seq) = before.parse::<i64>() {
        return Ok(Seq(seq));
    }
    let invalid = || ApiError::field("before", "Must be the id or the seq of a message.");
    let id = Uuid::parse_str(before).map_err(|_malformed| invalid())?;
    let message = reader.visible_message(MessageId(id), viewer).await?;
    message
        .filter(|message| message.conversation == conversation.id)
        .map(|message| message.seq)
        .ok_or_else(invalid)
}

/// Scheme and host as the client knows them; what a proxy says of them counts only if the proxy is
/// trusted.
fn base(request: &HttpRequest) -> String {
    if services(request).edge().proxies.trusts(request.peer_addr()) {
        let connection = request.connection_info();
        return format!("{}://{}", connection.scheme(), connection.host());
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    host.map_or_else(String::new, |host| format!("http://{host}"))
}

/// The address of this request with one parameter changed.
pub(super) fn link(request: &HttpRequest, query: &Query, name: &str, value: &str) -> String {
    let mut parameters: Vec<(&str, &str)> = ["user_id", "page_size", "limit"]
        .into_iter()
        .filter_map(|name| Some((name, query.get(name)?)))
        .collect();
    parameters.push((name, value));
    let parameters = serde_urlencoded::to_string(parameters).expect("pairs of texts");
    format!("{}{}?{parameters}", base(request), request.path())
}
