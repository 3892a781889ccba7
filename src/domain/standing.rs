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

    pub fn member_ids(&self) -> Vec<UserId> {
        self.members.iter().map(|member| member.user).collect()
    }

    /// Back to the beginning, as somebody knows it who has heard nothing of it.
    pub fn rewind(&mut self) {
        (self.rev, self.seq) = (Rev(0), Seq(0));
        for member in &mut self.members {
            (member.read, member.delivered) = (0, 0);
        }
    }

    /// A number that grows whenever a member reads or receives more.
    pub fn receipts(&self) -> i64 {
        self.members.iter().map(|member| member.read + member.delivered).sum()
    }
}
