//! Following: who wants to hear of whom.

use uuid::Uuid;

use serde::Serialize;

use super::{Person, Timestamp};

/// One person following another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct FollowId(pub Uuid);

impl FollowId {
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}

/// Somebody follows somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    pub id: FollowId,
    pub follower: Person,
    pub followed: Person,
    pub created_at: Timestamp,
    /// When the followed person took note of it.
    pub read_at: Option<Timestamp>,
}

/// How one person stands among the others, in the eyes of a viewer; all false for no viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FollowStats {
    pub followers: u64,
    pub following: u64,
    /// The viewer follows this person.
    pub is_following: bool,
    /// This person follows the viewer.
    pub is_followed_by: bool,
}
