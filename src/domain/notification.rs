//! Notifications: what somebody is told of, apart from the thing itself.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ConversationId, Message, MessageId, Person, Timestamp};

/// Characters of a message that a notification shows; the rest becomes `...`.
const PREVIEW_CHARS: usize = 100;

/// A notification's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotificationId(pub i64);

/// Something somebody is about to be told of.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub recipient: Person,
    /// Who has caused it.
    pub actor: Option<Person>,
    pub cause: Cause,
}

/// Why somebody is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    Message(Excerpt),
    /// A message that answers one of the recipient's.
    Reply(Excerpt),
    /// A reaction to one of the recipient's messages.
    Reaction {
        message: MessageId,
        reaction: String,
    },
    Follow,
    /// Anything a client has noted for its own user.
    Other {
        verb: String,
        text: String,
        payload: Map<String, Value>,
    },
}

/// What a notification shows of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub message: MessageId,
    /// `None` when the message is gone.
    pub conversation: Option<ConversationId>,
    pub preview: String,
    /// Code points of the whole text.
    pub length: usize,
}

/// A stored notification.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    pub id: NotificationId,
    pub notice: Notice,
    pub is_read: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Excerpt {
    pub fn of(message: &Message) -> Self {
        let content = &message.content;
        let preview = match content.char_indices().nth(PREVIEW_CHARS) {
            Some((end, _)) => format!("{}...", &content[..end]),
            None => content.clone(),
        };
        Self {
            message: message.id,
            conversation: Some(message.conversation),
            preview,
            length: content.chars().count(),
        }
    }

    /// Of a message its reader no longer sees.
    pub fn of_missing(message: MessageId) -> Self {
        Self { message, conversation: None, preview: String::new(), length: 0 }
    }
}

impl Cause {
    pub const MESSAGE: &str = "message";
    pub const REPLY: &str = "reply";
    pub const REACTION: &str = "reaction";
    pub const FOLLOW: &str = "follow";

    pub fn verb(&self) -> &str {
        match self {
            Self::Message(_) => Self::MESSAGE,
            Self::Reply(_) => Self::REPLY,
            Self::Reaction { .. } => Self::REACTION,
            Self::Follow => Self::FOLLOW,
            Self::Other { verb, .. } => verb,
        }
    }

    pub const fn message(&self) -> Option<MessageId> {
        match self {
            Self::Message(excerpt) | Self::Reply(excerpt) => Some(excerpt.message),
            Self::Reaction { message, .. } => Some(*message),
            Self::Follow | Self::Other { .. } => None,
        }
    }
}

impl Notice {
    /// One sentence, such as `Nadia K sent you a message`.
    pub fn title(&self) -> String {
        let predicate = match &self.cause {
            Cause::Message(_) => "sent you a message",
            Cause::Reply(_) => "replied to your message",
            Cause::Reaction { .. } => "reacted to your message",
            Cause::Follow => "started following you",
            Cause::Other { text, .. } => return text.clone(),
        };
        let actor = self.actor.as_ref().map_or("Somebody", |actor| &actor.full_name);
        format!("{actor} {predicate}")
    }

    /// Whether somebody would be told of what he did himself.
    pub fn is_to_oneself(&self) -> bool {
        self.actor.as_ref().is_some_and(|actor| actor.id == self.recipient.id)
            && !matches!(self.cause, Cause::Other { .. })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::domain::{Rev, Seq, UserId, user::named};

    fn message(content: &str) -> Message {
        Message {
            id: MessageId(Uuid::nil()),
            conversation: ConversationId(Uuid::nil()),
            seq: Seq(1),
            rev: Rev(1),
            sender: UserId(7),
            recipient: Some(UserId(9)),
            client_id: None,
            content: content.into(),
            reply_to: None,
            created_at: Timestamp::UNIX_EPOCH,
            edited_at: None,
            deleted_at: None,
        }
    }

    #[test]
    fn a_preview_has_a_hundred_characters() {
        let excerpt = Excerpt::of(&message(&"é".repeat(100)));
        assert_eq!((excerpt.preview, excerpt.length), ("é".repeat(100), 100));

        let excerpt = Excerpt::of(&message(&"é".repeat(101)));
        assert_eq!((excerpt.preview, excerpt.length), ("é".repeat(100) + "...", 101));
    }

    #[test]
    fn a_title_names_the_actor_and_what_he_did() {
        let notice = |cause| Notice {
            recipient: Arc::new(named(9, "omar", "", "")),
            actor: Some(Arc::new(named(7, "nadia", "Nadia", "K"))),
            cause,
        };
        let excerpt = Excerpt::of(&message("hi"));
        let reaction = Cause::Reaction { message: excerpt.message, reaction: "❤️".into() };
        let other =
            Cause::Other { verb: "reminder".into(), text: "Call home".into(), payload: Map::new() };
        for (cause, title) in [
            (Cause::Message(excerpt.clone()), "Nadia K sent you a message"),
            (Cause::Reply(excerpt), "Nadia K replied to your message"),
            (reaction, "Nadia K reacted to your message"),
            (Cause::Follow, "Nadia K started following you"),
            (other, "Call home"),
        ] {
            assert_eq!(notice(cause).title(), title);
        }
    }
}
