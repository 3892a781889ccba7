//! Receipts as cursors: how far a member has received and read a conversation.

use super::{Person, Seq, Timestamp, UserId};

/// How far one member has come; both numbers only grow, and reading implies receiving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub read_seq: i64,
    pub delivered_seq: i64,
    pub read_at: Option<Timestamp>,
    /// Earlier messages were before this member's time, or cleared by him.
    pub history_from_seq: i64,
}

impl Cursor {
    pub fn has_read(&self, seq: Seq) -> bool {
        self.read_seq >= seq.0
    }

    pub fn has_received(&self, seq: Seq) -> bool {
        self.delivered_seq.max(self.read_seq) >= seq.0
    }
}

/// The cursors of a conversation's members.
#[derive(Clone, Debug, Default)]
pub struct Cursors(pub Vec<(Person, Cursor)>);

impl Cursors {
    /// Members other than `sender` who have read the message at `seq`.
    pub fn readers(&self, sender: UserId, seq: Seq) -> impl Iterator<Item = &Person> {
        self.others(sender).filter(move |(_, cursor)| cursor.has_read(seq)).map(|(who, _)| who)
    }

    /// Members other than `sender` whom the message at `seq` has reached.
    pub fn receivers(&self, sender: UserId, seq: Seq) -> impl Iterator<Item = &Person> {
        self.others(sender).filter(move |(_, cursor)| cursor.has_received(seq)).map(|(who, _)| who)
    }

    /// Notes that a message at `seq` has reached `user`.
    pub fn mark_received(&mut self, user: UserId, seq: Seq) {
        for (person, cursor) in &mut self.0 {
            if person.id == user {
                cursor.delivered_seq = cursor.delivered_seq.max(seq.0);
            }
        }
    }

    fn others(&self, sender: UserId) -> impl Iterator<Item = &(Person, Cursor)> {
        self.0.iter().filter(move |(person, _)| person.id != sender)
    }
}
