//! What a frame asks of its session, whichever endpoint it came through.

use bytestring::ByteString;

use crate::{
    commands::{Asker, Command},
    domain::{ClientId, ConversationId, UserId},
    protocol::ResumeFrame,
};

#[derive(Debug)]
pub(super) enum Request {
    /// Carry out a command; the answer comes as an event.
    Execute(Command, Asker),
    /// Answer at once.
    Answer(ByteString),
    /// Renew the identity of the connection, or give it one.
    Authenticate(String),
    /// Tell what was missed.
    Resume(ResumeFrame),
    /// Hear more of a conversation; the client's own spelling is echoed.
    Join {
        conversation: Option<ConversationId>,
        spelling: String,
    },
    Leave {
        conversation: Option<ConversationId>,
        spelling: String,
    },
    Typing {
        conversation: ConversationId,
        is_typing: bool,
    },
}

impl Request {
    /// Who sends a message with it, if it is one.
    pub fn message_sender(&self) -> Option<UserId> {
        let Self::Execute(Command::SendMessage(send), _) = self else { return None };
        Some(send.sender.id)
    }

    /// The client's name for what it asks.
    pub fn client_id(&self) -> Option<&ClientId> {
        let Self::Execute(_, asker) = self else { return None };
        asker.client_id.as_ref()
    }
}
