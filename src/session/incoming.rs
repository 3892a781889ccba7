//! From a text frame of `/ws/chat/` to what it asks of the session.

use bytestring::ByteString;

use super::request::Request;
use crate::{
    commands::{Asker, Command, ConnectionId, MarkRead, Origin, React, SendMessage},
    domain::{ClientId, Person},
    edge::Throttled,
    protocol::{ClientFrame, ErrorCode, FrameError, MessageFrame, ReactionFrame, ServerEvent},
};

/// Reads one text frame of a chat session.
pub(super) fn read(
    text: &str,
    max_chars: usize,
    person: &Person,
    connection: ConnectionId,
) -> Request {
    let asker = Asker { user: person.id, connection: Some(connection), client_id: None };
    match ClientFrame::parse(text, max_chars) {
        Ok(ClientFrame::Ping) => Request::Answer(ServerEvent::Pong.encode()),
        Ok(ClientFrame::Message(message)) => send(message, person, connection),
        Ok(ClientFrame::MarkRead(target)) => {
            let mark = MarkRead { reader: person.clone(), target };
            Request::Execute(Command::MarkRead(mark), asker)
        }
        Ok(ClientFrame::React(ReactionFrame { message, change })) => {
            let react = React { by: person.clone(), message, change };
            Request::Execute(Command::React(react), asker)
        }
        Ok(ClientFrame::Typing { conversation, is_typing }) => {
            Request::Typing { conversation, is_typing }
        }
        Ok(ClientFrame::Resume(resume)) => Request::Resume(resume),
        Ok(ClientFrame::Authenticate { token }) => Request::Authenticate(token),
        Err(error) => Request::Answer(refusal(&error)),
    }
}

/// A message to send, whichever endpoint it came through.
pub(super) fn send(frame: MessageFrame, person: &Person, connection: ConnectionId) -> Request {
    let MessageFrame { target, text, reply_to, client_id } = frame;
    let asker =
        Asker { user: person.id, connection: Some(connection), client_id: client_id.clone() };
    let origin = Origin::WebSocket;
    let send = SendMessage { sender: person.clone(), target, text, reply_to, client_id, origin };
    Request::Execute(Command::SendMessage(send), asker)
}

/// The `error` event about a malformed frame.
pub(super) fn refusal(error: &FrameError) -> ByteString {
    ServerEvent::Error {
        message: &error.text,
        code: error.code,
        field: error.field,
        client_id: error.client_id.as_ref().map(ClientId::as_str),
        retry_after: None,
    }
    .encode()
}

/// The `error` event about a frame that came too soon.
pub(super) fn rate_limited(throttled: Throttled, client_id: Option<&ClientId>) -> ByteString {
    ServerEvent::Error {
        message: "You are sending too quickly, try again later",
        code: ErrorCode::RateLimited,
        field: None,
        client_id: client_id.map(ClientId::as_str),
        retry_after: Some(throttled.retry_after),
    }
    .encode()
}
