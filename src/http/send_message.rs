//! `POST /api/messaging/conversations/{id}/messages/`: the same command as a frame, so it arrives
//! live as well.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    error::ApiError,
    extract::{Body, Identity},
    fields::{client_id, message_text, reply_to},
    problems::{BadRequest, NotFound, TooManyRequests},
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Origin, Outcome, SendMessage},
    domain::{ConversationId, MessageId, clock},
    protocol::{MessageTarget, MessageView},
};

/// A message to send.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct NewMessage {
    /// The text; surrounding white space is removed. At most 8000 characters unless the server is
    /// configured otherwise.
    #[schema(pattern = r"\S", example = "lunch?")]
    content: Option<String>,
    /// Another name of `content`.
    body: Option<String>,
    /// Another name of `content`.
    text: Option<String>,
    /// A message of the same conversation.
    reply_to_id: Option<MessageId>,
    /// Another name of `reply_to_id`.
    reply_to: Option<MessageId>,
    /// The sender's own name for the message: a repeat with the same one is stored once.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
}

/// A message, and whether it was there before.
#[derive(Serialize, ToSchema)]
#[schema(as = SentMessage)]
struct Answer<'a> {
    #[serde(flatten)]
    message: MessageView<'a>,
    /// The message was stored by an earlier request.
    duplicate: bool,
}

#[utoipa::path(
    post,
    path = "/api/messaging/conversations/{id}/messages/",
    operation_id = "send_message",
    tag = "messages",
    summary = "Send a message",
    description = "It arrives live like one sent over WebSocket.",
    params(("id" = ConversationId, Path, description = "Of the conversation.")),
    request_body = NewMessage,
    responses(
        (
            status = 200,
            description = "A repeat: the message stored by an earlier request with the same \
                           `client_id`.",
            body = Answer,
        ),
        (status = 201, description = "The message is stored.", body = Answer),
        (status = 400, description = "A field is wrong.", body = BadRequest),
        (status = 404, description = "Not a conversation of the caller.", body = NotFound),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn send(
    services: web::Data<Services>,
    Identity(sender): Identity,
    id: web::Path<String>,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let id =
        Uuid::parse_str(&id).map(ConversationId).map_err(|_malformed| ApiError::not_found())?;
    services.edge().rates.sends.check(&sender.id)?;
    // Before the content: whoever may not write here learns nothing else.
    let reader = services.storage().read_as(sender.id).await?;
    if reader.conversation(id, sender.id).await?.is_none() {
        return Err(no_conversation());
    }
    drop(reader);
    let max_chars = services.config().limits.message_chars;
    let given = ["content", "body", "text"].into_iter().find_map(|name| {
        body.get(name).filter(|value| !value.is_null()).map(|value| (name, value))
    });
    let nothing = Value::String(String::new());
    let (field, value) = given.unwrap_or(("content", &nothing));
    let send = SendMessage {
        text: message_text(field, value, max_chars)?,
        reply_to: reply_to(&body)?,
        client_id: client_id(&body)?,
        sender: sender.clone(),
        target: MessageTarget::Conversation(id),
        origin: Origin::Rest,
    };
    match services.execute(Command::SendMessage(send), sender.id).await {
        Ok(Outcome::Sent(mut sent)) => {
            services.storage().add_unwritten_deliveries(&mut sent.details);
            let status = if sent.is_repeat { StatusCode::OK } else { StatusCode::CREATED };
            Ok(HttpResponse::build(status).json(Answer {
                message: MessageView::new(&sent.details, services.online(), clock::now()),
                duplicate: sent.is_repeat,
            }))
        }
        Ok(_) => Err(CommandError::Internal.into()),
        Err(CommandError::ConversationNotFound) => Err(no_conversation()),
        Err(error) => Err(error.into()),
    }
}

fn no_conversation() -> ApiError {
    ApiError::error(StatusCode::NOT_FOUND, "Conversation not found or you are not a participant")
}
