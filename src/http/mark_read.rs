//! `POST /api/messaging/conversations/{id}/mark-read/`

use actix_web::{HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::{error::ApiError, extract::Identity};
use crate::{
    actors::Services,
    commands::{Command, CommandError, MarkRead, Outcome},
    domain::ConversationId,
    protocol::MarkReadTarget,
};

pub(super) async fn mark_read(
    services: web::Data<Services>,
    Identity(reader): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id =
        Uuid::parse_str(&id).map(ConversationId).map_err(|_malformed| ApiError::not_found())?;
    let user = reader.id;
    let mark = MarkRead { reader, target: MarkReadTarget::Conversation(id) };
    match services.execute(Command::MarkRead(mark), user).await? {
        Outcome::MarkedRead(marked) => {
            let ids: Vec<_> = marked.newly_read.iter().map(|(id, _author)| id).collect();
            Ok(HttpResponse::Ok().json(json!({
                "status": "success",
                "marked": ids.len(),
                "message_ids": ids,
            })))
        }
        _ => Err(CommandError::Internal.into()),
    }
}
