//! Delivery receipts that are known but not yet written.
//!
//! A message that reaches its recipient moves his cursor. Writing each move at once would double
//! the writes, so moves wait here for a moment and are written together; every read in this process
//! adds them to what the database says, so that nobody sees the delay.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::domain::{ConversationId, Cursor, Seq, UserId};

#[derive(Debug, Default)]
pub(super) struct PendingReceipts(Mutex<BTreeMap<(ConversationId, UserId), i64>>);

impl PendingReceipts {
    pub fn record(&self, conversation: ConversationId, user: UserId, seq: Seq) {
        self.lock()
            .entry((conversation, user))
            .and_modify(|delivered| *delivered = (*delivered).max(seq.0))
            .or_insert(seq.0);
    }

    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Some of the waiting moves; they stay until [`Self::written`].
    pub fn some(&self, at_most: usize) -> Vec<(ConversationId, UserId, i64)> {
        let moves = self.lock();
        moves
            .iter()
            .take(at_most)
            .map(|((conversation, user), seq)| (*conversation, *user, *seq))
            .collect()
    }

    /// Forgets moves that are in the database now, unless they have gone on meanwhile.
    pub fn written(&self, written: &[(ConversationId, UserId, i64)]) {
        let mut moves = self.lock();
        for (conversation, user, seq) in written {
            if moves.get(&(*conversation, *user)).is_some_and(|waiting| waiting <= seq) {
                moves.remove(&(*conversation, *user));
            }
        }
    }

    /// The cursor as it will be once everything is written.
    pub fn apply(&self, conversation: ConversationId, user: UserId, cursor: &mut Cursor) {
        if let Some(seq) = self.lock().get(&(conversation, user)) {
            cursor.delivered_seq = cursor.delivered_seq.max(*seq);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(ConversationId, UserId), i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
