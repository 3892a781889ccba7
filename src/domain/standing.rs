//! How far a conversation has come, and each of its members in it.

use super::{ConversationId, Rev, Seq, Timestamp, UserId};

/// The newest numbers of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub conversation: ConversationId,
    pub rev: Rev,
    /// Of its newest message.
    pub seq: Seq,
    pub members: Vec<Progress>,
}

/// How far a member has read and received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub user: UserId,
    pub read: i64,
    pub delivered: i64,
    pub read_at: Option<Timestamp>,
}

impl Standing {
    pub fn has_member(&self, user: UserId) -> bool {
        self.members.iter().any(|member| member.user == user)
    }

    /// A number that grows whenever a member reads or receives more.
    pub fn receipts(&self) -> i64 {
        self.members.iter().map(|member| member.read + member.delivered).sum()
    }
}
