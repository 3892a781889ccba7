//! What servers tell each other: small JSON with a version, ids and numbers, nothing anybody wrote.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Lease;
use crate::domain::{ConversationId, NotificationId, UserId};

/// One server of the database, from its start to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(Uuid);

/// What may have changed for somebody. The database knows whether it has, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum News {
    /// A conversation has come to this change.
    Changed {
        #[serde(rename = "c")]
        conversation: ConversationId,
        #[serde(rename = "r")]
        rev: i64,
        /// Who reacted, if the change is a reaction: the row of one taken back does not say.
        #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
        by: Option<UserId>,
    },
    /// Somebody has received or read more of a conversation.
    Receipts {
        #[serde(rename = "c")]
        conversation: ConversationId,
    },
    /// The one who is told has taken a conversation out of his list.
    Unlisted {
        #[serde(rename = "c")]
        conversation: ConversationId,
    },
    /// There may be new notifications.
    Notified,
    /// One notification was marked as read, or all.
    NotificationsRead {
        #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
        only: Option<NotificationId>,
    },
    /// The numbers of unread messages and notifications may have changed.
    Unread,
    /// Somebody types in a conversation, or has stopped.
    Typing {
        #[serde(rename = "c")]
        conversation: ConversationId,
        #[serde(rename = "b")]
        by: UserId,
        #[serde(rename = "on")]
        is_typing: bool,
    },
}

/// Somebody's first connection to a server, or the end of his last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(super) enum Movement {
    Came {
        #[serde(rename = "u")]
        user: UserId,
    },
    Went {
        #[serde(rename = "u")]
        user: UserId,
    },
}

/// A message that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message between servers of this version")]
pub struct MalformedNews;

const VERSION: u8 = 1;

/// Longest message that is looked at.
const BYTES_MAX: usize = 512;

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    v: u8,
    n: NodeId,
    #[serde(flatten)]
    content: T,
}

impl NodeId {
    pub fn generate() -> Self {
        Self(Uuid::new_v4())
    }

    pub(super) fn key(self) -> String {
        self.0.simple().to_string()
    }

    pub(super) fn parse(key: &str) -> Option<Self> {
        Uuid::try_parse(key).ok().map(Self)
    }
}

impl Lease {
    /// The people of a stored lease; what is no user is left out.
    pub(super) fn parse(node: NodeId, users: &[String]) -> Self {
        Self { node, users: users.iter().filter_map(|id| id.parse().ok().map(UserId)).collect() }
    }
}

pub(super) fn encode<T: Serialize>(from: NodeId, content: &T) -> String {
    serde_json::to_string(&Envelope { v: VERSION, n: from, content }).expect("plain JSON")
}

pub(super) fn decode<T: for<'a> Deserialize<'a>>(
    payload: &[u8],
) -> Result<(NodeId, T), MalformedNews> {
    if payload.len() > BYTES_MAX {
        return Err(MalformedNews);
    }
    let envelope: Envelope<T> =
        serde_json::from_slice(payload).map_err(|_malformed| MalformedNews)?;
    if envelope.v != VERSION {
        return Err(MalformedNews);
    }
    Ok((envelope.n, envelope.content))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn examples() -> Vec<News> {
        let conversation = ConversationId(Uuid::from_u128(7));
        vec![
            News::Changed { conversation, rev: 42, by: None },
            News::Changed { conversation, rev: i64::MAX, by: Some(UserId(i64::MAX)) },
            News::Receipts { conversation },
            News::Unlisted { conversation },
            News::Notified,
            News::NotificationsRead { only: None },
            News::NotificationsRead { only: Some(NotificationId(3)) },
            News::Unread,
            News::Typing { conversation, by: UserId(9), is_typing: true },
        ]
    }

    #[test]
    fn what_is_said_is_heard() {
        let node = NodeId::generate();
        for news in examples() {
            let payload = encode(node, &news);

            assert!(payload.len() <= BYTES_MAX, "{payload}");
            assert_eq!(decode(payload.as_bytes()), Ok((node, news)), "{payload}");
        }
    }

    #[test]
    fn the_form_is_fixed() {
        let conversation = ConversationId(Uuid::from_u128(7));
        let news = News::Changed { conversation, rev: 42, by: None };

        assert_eq!(
            encode(NodeId(Uuid::from_u128(1)), &news),
            r#"{"v":1,"n":"00000000-0000-0000-0000-000000000001","t":"changed","c":"00000000-0000-0000-0000-000000000007","r":42}"#
        );
    }

    #[test]
    fn other_versions_and_long_texts_are_malformed() {
        let payload = encode(NodeId::generate(), &News::Unread);
        let newer = payload.replace("\"v\":1", "\"v\":2");
        let longer = payload.replace('}', &format!(",\"x\":\"{}\"}}", "x".repeat(BYTES_MAX)));

        assert_eq!(decode::<News>(newer.as_bytes()), Err(MalformedNews));
        assert_eq!(decode::<News>(longer.as_bytes()), Err(MalformedNews));
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_surprise(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(decode::<News>(&bytes).is_err());
        }
    }
}
