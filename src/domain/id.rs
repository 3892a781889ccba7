//! Identifiers that cannot be mistaken for one another.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A person of the host platform; the platform's own integer id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

/// One conversation. The default is the nil id, which no conversation has.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ConversationId(pub Uuid);

/// One message; a UUID v7, so that ids made later sort later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub Uuid);

/// Place of a message in its conversation: 1, 2, 3 … without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Seq(pub i64);

/// Number of a change in its conversation; every change a member can see takes the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Rev(pub i64);

/// The sender's own name for a message: a repeat with the same one is the same message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// Longest client id, in characters.
    pub const MAX_CHARS: usize = 64;

    /// Accepts 1 to [`Self::MAX_CHARS`] characters without control characters.
    pub fn parse(text: &str) -> Result<Self, InvalidClientId> {
        let length = text.chars().count();
        if length == 0 || length > Self::MAX_CHARS || text.chars().any(char::is_control) {
            return Err(InvalidClientId);
        }
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A client id that is empty, too long or holds control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("client_id must be 1 to {} characters without control characters.", ClientId::MAX_CHARS)]
pub struct InvalidClientId;

impl ConversationId {
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}

impl MessageId {
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_has_1_to_64_characters() {
        assert!(ClientId::parse("a").is_ok());
        assert!(ClientId::parse(&"é".repeat(64)).is_ok());
        assert_eq!(ClientId::parse(""), Err(InvalidClientId));
        assert_eq!(ClientId::parse(&"a".repeat(65)), Err(InvalidClientId));
        assert_eq!(ClientId::parse("a\nb"), Err(InvalidClientId));
        assert_eq!(ClientId::parse("a\0b"), Err(InvalidClientId));
    }
}
