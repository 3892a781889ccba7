//! Conversations: who talks with whom, and the one key two people share.

use super::{ConversationId, Cursor, Person, Rev, Seq, Timestamp, UserId};

/// Two different people, in an order that does not depend on who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DirectPair {
    low: UserId,
    high: UserId,
}

impl DirectPair {
    /// `None` for a pair of one.
    pub fn new(one: UserId, other: UserId) -> Option<Self> {
        match one.cmp(&other) {
            std::cmp::Ordering::Less => Some(Self { low: one, high: other }),
            std::cmp::Ordering::Greater => Some(Self { low: other, high: one }),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// The stored form, `lowId:highId`.
    pub fn key(&self) -> String {
        format!("{}:{}", self.low, self.high)
    }

    /// Reads [`Self::key`] back.
    pub fn from_key(key: &str) -> Option<Self> {
        let (low, high) = key.split_once(':')?;
        Self::new(UserId(low.parse().ok()?), UserId(high.parse().ok()?))
    }

    pub fn members(&self) -> [UserId; 2] {
        [self.low, self.high]
    }

    pub fn contains(&self, user: UserId) -> bool {
        self.low == user || self.high == user
    }

    /// The member who is not `user`.
    pub fn other(&self, user: UserId) -> UserId {
        if self.low == user { self.high } else { self.low }
    }
}

/// One member of a conversation and how far he has come.
#[derive(Clone, Debug)]
pub struct Participant {
    pub person: Person,
    pub cursor: Cursor,
    /// He has taken the conversation out of his list up to here; the next message brings it back.
    pub hidden_through: Seq,
}

/// A conversation with its members.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub id: ConversationId,
    pub last_seq: Seq,
    pub rev: Rev,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_message_at: Option<Timestamp>,
    /// In the order of their ids.
    pub participants: Vec<Participant>,
}

impl Conversation {
    pub fn participant(&self, user: UserId) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.person.id == user)
    }

    /// The first member who is not `user`.
    pub fn peer_of(&self, user: UserId) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.person.id != user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_the_same_from_both_sides() {
        let pair = DirectPair::new(UserId(9), UserId(7)).expect("two people");

        assert_eq!(Some(pair), DirectPair::new(UserId(7), UserId(9)));
        assert_eq!(pair.key(), "7:9");
        assert_eq!(DirectPair::from_key("7:9"), Some(pair));
        assert_eq!(pair.other(UserId(7)), UserId(9));
        assert_eq!(DirectPair::new(UserId(7), UserId(7)), None);
    }

    #[test]
    fn the_key_of_the_largest_ids_fits_its_column() {
        let pair = DirectPair::new(UserId(i64::MAX), UserId(i64::MAX - 1)).expect("two people");

        assert!(pair.key().len() <= 41);
    }
}
