//! Delivery receipts that are known but not yet written.
//!
//! A message that reaches its recipient moves his cursor. Writing each move at once would double
//! the writes, so moves wait here for a moment and are written together; every read in this process
//! adds them to what the database says, so that nobody sees the delay. A read may have looked at the
//! database before they were written and ask here afterwards: so they are remembered for longer than
//! any read takes.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::domain::{ConversationId, Cursor, Seq, UserId};

/// Longer than any read of the database takes.
const REMEMBERED: Duration = Duration::from_secs(30);

/// How far a member has received, for each conversation.
type Moves = BTreeMap<(ConversationId, UserId), i64>;

#[derive(Debug, Default)]
pub(super) struct PendingReceipts(Mutex<Generations>);

#[derive(Debug)]
struct Generations {
    waiting: Moves,
    /// Written since `begun`.
    written: Moves,
    /// Written in the generation before.
    fading: Moves,
    begun: Instant,
}

impl Default for Generations {
    fn default() -> Self {
        Self {
            waiting: Moves::new(),
            written: Moves::new(),
            fading: Moves::new(),
            begun: Instant::now(),
        }
    }
}

impl PendingReceipts {
    pub fn record(&self, conversation: ConversationId, user: UserId, seq: Seq) {
        note(&mut self.lock().waiting, conversation, user, seq.0);
    }

    /// Whether nothing waits to be written.
    pub fn is_empty(&self) -> bool {
        self.lock().waiting.is_empty()
    }

    /// Some of the waiting moves; they stay until [`Self::written`].
    pub fn some(&self, at_most: usize) -> Vec<(ConversationId, UserId, i64)> {
        let generations = self.lock();
        generations
            .waiting
            .iter()
            .take(at_most)
            .map(|((conversation, user), seq)| (*conversation, *user, *seq))
            .collect()
    }

    /// These are in the database now; those that have gone on meanwhile still wait.
    pub fn written(&self, moves: &[(ConversationId, UserId, i64)]) {
        let mut generations = self.lock();
        if generations.begun.elapsed() >= REMEMBERED {
            generations.fading = mem::take(&mut generations.written);
            generations.begun = Instant::now();
        }
        for (conversation, user, seq) in moves {
            let key = (*conversation, *user);
            if generations.waiting.get(&key).is_some_and(|waiting| waiting <= seq) {
                generations.waiting.remove(&key);
            }
            note(&mut generations.written, *conversation, *user, *seq);
        }
    }

    /// The cursor as it will be once everything is written.
    pub fn apply(&self, conversation: ConversationId, user: UserId, cursor: &mut Cursor) {
        let generations = self.lock();
        for moves in [&generations.waiting, &generations.written, &generations.fading] {
            if let Some(seq) = moves.get(&(conversation, user)) {
                cursor.delivered_seq = cursor.delivered_seq.max(*seq);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(moves: &mut Moves, conversation: ConversationId, user: UserId, seq: i64) {
    let delivered = moves.entry((conversation, user)).or_insert(seq);
    *delivered = (*delivered).max(seq);
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const HERE: ConversationId = ConversationId(Uuid::from_u128(1));
    const NADIA: UserId = UserId(1);

    /// What a read says that has found this in the database.
    fn seen(pending: &PendingReceipts, delivered_seq: i64) -> i64 {
        let mut cursor = Cursor { read_seq: 0, delivered_seq, read_at: None, history_from_seq: 1 };
        pending.apply(HERE, NADIA, &mut cursor);
        cursor.delivered_seq
    }

    #[test]
    fn a_read_that_looked_before_they_were_written_knows_of_them() {
        let pending = PendingReceipts::default();
        pending.record(HERE, NADIA, Seq(5));
        let writing = pending.some(10);
        pending.record(HERE, NADIA, Seq(7));

        pending.written(&writing);
        assert_eq!(pending.some(10), [(HERE, NADIA, 7)]);
        pending.written(&pending.some(10));

        assert!(pending.is_empty());
        assert_eq!(seen(&pending, 0), 7);
        assert_eq!(seen(&pending, 9), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_written_is_forgotten_in_the_end() {
        let pending = PendingReceipts::default();
        pending.written(&[(HERE, NADIA, 5)]);

        tokio::time::advance(REMEMBERED).await;
        pending.written(&[]);
        assert_eq!(seen(&pending, 0), 5);

        tokio::time::advance(REMEMBERED).await;
        pending.written(&[]);
        assert_eq!(seen(&pending, 0), 0);
    }
}
