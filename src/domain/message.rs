//! Messages: the text a person may send, the stored message, and all that is shown around it.

use super::{ClientId, ConversationId, Cursors, MessageId, Person, Rev, Seq, Timestamp, UserId};

/// The text of a message: trimmed, not empty, without NUL, within the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageText(String);

/// Why a text cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    #[error("Message content cannot be empty")]
    Empty,
    #[error("Message content is too long (max {max_chars} characters).")]
    TooLong { max_chars: usize },
    #[error("Null characters are not allowed.")]
    Nul,
}

impl MessageText {
    /// Trims and checks; `max_chars` counts code points.
    pub fn parse(text: &str, max_chars: usize) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        if text.contains('\0') {
            return Err(InvalidText::Nul);
        }
        // A text has at most as many code points as bytes: most need no counting.
        if text.len() > max_chars && text.chars().count() > max_chars {
            return Err(InvalidText::TooLong { max_chars });
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A stored message in its newest state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub seq: Seq,
    pub rev: Rev,
    pub sender: UserId,
    pub recipient: Option<UserId>,
    pub client_id: Option<ClientId>,
    pub content: String,
    pub reply_to: Option<MessageId>,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
}

/// The message another one answers, as it is shown above the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub id: MessageId,
    pub sender: Person,
    /// Empty once the quoted message is deleted.
    pub content: String,
}

/// One member's reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    pub person: Person,
    pub reaction: String,
    pub created_at: Timestamp,
}

/// A message with everything a client is shown of it.
#[derive(Clone, Debug)]
pub struct MessageDetails {
    pub message: Message,
    pub sender: Person,
    pub recipient: Option<Person>,
    pub reply_to: Option<Quote>,
    pub reactions: Vec<Reaction>,
    /// How far each member of the conversation has received and read.
    pub cursors: Cursors,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_trimmed_and_bounded_in_code_points() {
        assert_eq!(MessageText::parse("  lunch? \n", 10).map(|text| text.0), Ok("lunch?".into()));
        assert_eq!(MessageText::parse(" \t\n", 10), Err(InvalidText::Empty));
        assert_eq!(MessageText::parse("a\0b", 10), Err(InvalidText::Nul));
        assert!(MessageText::parse(&"é".repeat(10), 10).is_ok());
        assert_eq!(
            MessageText::parse(&"é".repeat(11), 10),
            Err(InvalidText::TooLong { max_chars: 10 })
        );
    }
}
