//! From a text frame of `/ws/messaging/` to what it asks of the session.

use super::{
    incoming::{refusal, send},
    request::Request,
};
use crate::{
    commands::ConnectionId,
    domain::Person,
    protocol::{ErrorCode, MessagingFrame, ServerEvent},
};

/// Reads one text frame of a messaging session.
pub(super) fn read(
    text: &str,
    max_chars: usize,
    person: Option<&Person>,
    connection: ConnectionId,
) -> Request {
    let frame = match MessagingFrame::parse(text, max_chars) {
        Ok(frame) => frame,
        Err(error) => return Request::Answer(refusal(&error)),
    };
    if let (None, Some(text)) = (person, frame.refusal_when_anonymous()) {
        return Request::Answer(error(text, ErrorCode::NotAuthenticated));
    }
    match frame {
        MessagingFrame::Authenticate { token } => Request::Authenticate(token),
        MessagingFrame::Join(name) => {
            Request::Join { conversation: name.id, spelling: name.spelling }
        }
        MessagingFrame::Leave(name) => {
            Request::Leave { conversation: name.id, spelling: name.spelling }
        }
        MessagingFrame::Typing { conversation, is_typing } => {
            Request::Typing { conversation: conversation.id.unwrap_or_default(), is_typing }
        }
        MessagingFrame::Send(message) => match person {
            Some(person) => send(message, person, connection),
            None => Request::Answer(error("Authentication required", ErrorCode::NotAuthenticated)),
        },
        MessagingFrame::Ping => Request::Answer(ServerEvent::Pong.encode()),
    }
}

/// An `error` event about what a session may not do.
pub(super) fn error(text: &str, code: ErrorCode) -> bytestring::ByteString {
    ServerEvent::Error { message: text, code, field: None, client_id: None, retry_after: None }
        .encode()
}
