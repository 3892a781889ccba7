//! `POST /api/messaging/conversations/{id}/messages/`: the same command as a frame, so it arrives
//! live as well.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    error::ApiError,
    extract::{Body, Identity},
    fields::{client_id, message_text, reply_to},
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Origin, Outcome, SendMessage},
    domain::{ConversationId, clock},
    protocol::{MessageTarget, MessageView},
};

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    message: MessageView<'a>,
    /// The message was stored by an earlier request.
    duplicate: bool,
}

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
