//! What clients say over `/ws/chat/`, and the exact answer to everything malformed (contract §2.2).

use serde_json::{Map, Value};

use super::{
    ErrorCode, MessageFrame, ResumeFrame,
    frame_fields::{
        FrameError, conversation_not_found, fields, known_type, token, truthy, unknown_type, uuid,
    },
};
use crate::domain::{ConversationId, MessageId, ReactionChange, ReactionText};

/// One well-formed frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFrame {
    Message(MessageFrame),
    MarkRead(MarkReadTarget),
    React(ReactionFrame),
    Typing { conversation: ConversationId, is_typing: bool },
    Authenticate { token: String },
    Resume(ResumeFrame),
    Ping,
}

/// A reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionFrame {
    pub message: MessageId,
    pub change: ReactionChange,
}

/// What to mark as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkReadTarget {
    Message(MessageId),
    Conversation(ConversationId),
}

impl ClientFrame {
    /// Every type of frame there is; others are not looked at.
    pub const TYPES: [&str; 10] = [
        "message",
        "mark_read",
        "add_reaction",
        "react",
        "remove_reaction",
        "resume",
        "typing_start",
        "typing_stop",
        "authenticate",
        "ping",
    ];

    /// Reads one text frame; `max_chars` bounds the text of a message.
    pub fn parse(text: &str, max_chars: usize) -> Result<Self, FrameError> {
        let fields = fields(text)?;
        match known_type(&fields, &Self::TYPES) {
            Some("message") => MessageFrame::parse(&fields, max_chars).map(Self::Message),
            Some("mark_read") => mark_read(&fields).map(Self::MarkRead),
            Some("add_reaction") => reaction(&fields, ReactionChange::Set).map(Self::React),
            Some("react") => reaction(&fields, ReactionChange::Toggle).map(Self::React),
            Some("remove_reaction") => {
                reaction(&fields, |_named| ReactionChange::Remove).map(Self::React)
            }
            Some("typing_start") => typing(&fields, true),
            Some("typing_stop") => typing(&fields, false),
            Some("authenticate") => token(&fields).map(|token| Self::Authenticate { token }),
            Some("resume") => Ok(Self::Resume(ResumeFrame::parse(&fields)?)),
            Some("ping") => Ok(Self::Ping),
            Some(_) | None => Err(unknown_type(fields.get("type"))),
        }
    }
}

fn mark_read(fields: &Map<String, Value>) -> Result<MarkReadTarget, FrameError> {
    if let Some(message) = truthy(fields.get("message_id")) {
        return uuid(message).map(MessageId).map(MarkReadTarget::Message).ok_or_else(|| {
            FrameError::new(ErrorCode::NotFound, Some("message_id"), "Message not found")
        });
    }
    match truthy(fields.get("conversation_id")) {
        Some(conversation) => uuid(conversation)
            .map(ConversationId)
            .map(MarkReadTarget::Conversation)
            .ok_or_else(conversation_not_found),
        None => {
            Err(FrameError::new(ErrorCode::Required, Some("message_id"), "message_id is required"))
        }
    }
}

/// The reaction has two names and is asked for even where it is to be removed.
fn reaction(
    fields: &Map<String, Value>,
    change: impl FnOnce(ReactionText) -> ReactionChange,
) -> Result<ReactionFrame, FrameError> {
    let required = |field| {
        let text = "message_id and reaction/reaction_type are required";
        FrameError::new(ErrorCode::Required, Some(field), text)
    };
    let message = truthy(fields.get("message_id")).ok_or_else(|| required("message_id"))?;
    let reaction = truthy(fields.get("reaction")).or_else(|| truthy(fields.get("reaction_type")));
    let reaction = reaction.ok_or_else(|| required("reaction"))?;
    let reaction = reaction.as_str().unwrap_or_default();
    let reaction = ReactionText::parse(reaction).map_err(|invalid| {
        FrameError::new(ErrorCode::Invalid, Some("reaction"), invalid.to_string())
    })?;
    let message = uuid(message).map(MessageId).ok_or_else(|| {
        FrameError::new(ErrorCode::NotFound, Some("message_id"), "Message not found")
    })?;
    Ok(ReactionFrame { message, change: change(reaction) })
}

fn typing(fields: &Map<String, Value>, is_typing: bool) -> Result<ClientFrame, FrameError> {
    let given = truthy(fields.get("conversation_id")).ok_or_else(|| {
        FrameError::new(
            ErrorCode::Required,
            Some("conversation_id"),
            "Failed to update typing status: ['Conversation ID is required']",
        )
    })?;
    // A conversation that cannot exist is one the client may not type in: nobody hears of it.
    let conversation = ConversationId(uuid(given).unwrap_or_default());
    Ok(ClientFrame::Typing { conversation, is_typing })
}

#[cfg(test)]
#[path = "client_frame_tests.rs"]
mod tests;
