//! Joining and leaving a conversation, to hear more of it.

use bytestring::ByteString;

use super::messaging_incoming::error;
use crate::{
    actors::{Join, Services},
    commands::ConnectionId,
    domain::{ConversationId, Person, UserId},
    protocol::{ErrorCode, ServerEvent},
    storage::StorageError,
};

/// Lets a connection hear more of a conversation of its person's list; the answer.
pub(super) async fn join(
    services: Services,
    id: ConnectionId,
    person: Person,
    conversation: Option<ConversationId>,
    spelling: String,
) -> ByteString {
    let denied = || error("Access denied to this conversation", ErrorCode::NotFound);
    let Some(conversation) = conversation else { return denied() };
    match is_listed(&services, conversation, person.id).await {
        Ok(true) => {}
        Ok(false) => return denied(),
        Err(cause) => {
            tracing::warn!(error = %cause, "could not look up a conversation");
            let text = "The database is unavailable, try again later";
            return error(text, ErrorCode::Unavailable);
        }
    }
    if services.chat_server().send(Join { id, conversation, is_joining: true }).await.is_err() {
        return error("The server is restarting, try again", ErrorCode::Restarting);
    }
    ServerEvent::ConversationJoined { conversation_id: &spelling }.encode()
}

async fn is_listed(
    services: &Services,
    conversation: ConversationId,
    member: UserId,
) -> Result<bool, StorageError> {
    services.storage().read_as(member).await?.is_listed(conversation, member).await
}

/// Leaving what was never joined is no error.
pub(super) fn leave(
    services: &Services,
    id: ConnectionId,
    conversation: Option<ConversationId>,
    spelling: &str,
) -> ByteString {
    if let Some(conversation) = conversation {
        let leave = Join { id, conversation, is_joining: false };
        if services.chat_server().try_send(leave).is_err() {
            tracing::debug!("the chat server is busy: a connection goes on hearing a conversation");
        }
    }
    ServerEvent::ConversationLeft { conversation_id: spelling }.encode()
}
