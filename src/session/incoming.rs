//! From a text frame to a command.

use crate::{
    commands::{Asker, Command, ConnectionId, MarkRead, Origin, SendMessage},
    domain::{ClientId, Person},
    protocol::{ClientFrame, FrameError, MessageFrame, ServerEvent},
};

/// What a frame asks of the session.
#[derive(Debug)]
pub(super) enum Incoming {
    Execute(Command, Asker),
    Answer(bytestring::ByteString),
}

/// Reads one text frame of a session.
pub(super) fn read(
    text: &str,
    max_chars: usize,
    person: &Person,
    connection: ConnectionId,
) -> Incoming {
    let asker = |client_id| Asker { user: person.id, connection: Some(connection), client_id };
    match ClientFrame::parse(text, max_chars) {
        Ok(ClientFrame::Ping) => Incoming::Answer(ServerEvent::Pong.encode()),
        Ok(ClientFrame::Message(MessageFrame { target, text, reply_to, client_id })) => {
            let asker = asker(client_id.clone());
            let send = SendMessage {
                sender: person.clone(),
                target,
                text,
                reply_to,
                client_id,
                origin: Origin::WebSocket,
            };
            Incoming::Execute(Command::SendMessage(send), asker)
        }
        Ok(ClientFrame::MarkRead(target)) => {
            let mark = MarkRead { reader: person.clone(), target };
            Incoming::Execute(Command::MarkRead(mark), asker(None))
        }
        Err(error) => Incoming::Answer(refusal(&error)),
    }
}

/// The `error` event about a malformed frame.
pub(super) fn refusal(error: &FrameError) -> bytestring::ByteString {
    ServerEvent::Error {
        message: &error.text,
        code: error.code,
        field: error.field,
        client_id: error.client_id.as_ref().map(ClientId::as_str),
        retry_after: None,
    }
    .encode()
}
