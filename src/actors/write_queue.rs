//! How long writes wait, and what is not let in because of it.
//!
//! Counted is the age of the oldest command that waits for its transaction, not the number of those
//! that wait: group commit makes many short waits out of a long queue, and a disk that stalls makes a
//! long wait out of a short one.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use ::metrics::Counter;
use tokio::time::Instant;

use crate::{commands::Priority, telemetry::metrics};

/// Shared by whoever fills the queue, empties it or has to stand back.
#[derive(Debug)]
pub struct WriteQueue {
    begun: Instant,
    /// When its oldest command came, in milliseconds after it began, plus one; 0 when nothing waits.
    oldest: AtomicU64,
    /// The age beyond which nothing more is let in; `None` = however old.
    limit: Option<Duration>,
}

impl WriteQueue {
    /// Messages are refused when the oldest command is older than `limit`, everything else sooner.
    pub fn new(limit: Option<Duration>) -> Self {
        Self { begun: Instant::now(), oldest: AtomicU64::new(0), limit }
    }

    /// Notes which command waits longest.
    pub fn oldest_is(&self, since: Option<Instant>) {
        let millis = |since: Instant| millis(since.saturating_duration_since(self.begun)) + 1;
        self.oldest.store(since.map_or(0, millis), Ordering::Relaxed);
    }

    /// For how long the oldest command has waited.
    pub fn age(&self) -> Duration {
        match self.oldest.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            oldest => self.begun.elapsed().saturating_sub(Duration::from_millis(oldest - 1)),
        }
    }

    /// Whether there is time for it; counts those for which there is none.
    pub fn has_room_for(&self, priority: Priority) -> bool {
        let has_room = self.limit.is_none_or(|limit| self.age() <= share(limit, priority));
        if !has_room {
            shed(priority).increment(1);
        }
        has_room
    }
}

/// The age of the queue up to which something is let in.
fn share(limit: Duration, priority: Priority) -> Duration {
    limit
        * match priority {
            Priority::Typing => 30,
            Priority::Presence => 40,
            Priority::Receipt => 50,
            Priority::Read => 70,
            Priority::Change => 85,
            Priority::Message => 100,
        }
        / 100
}

fn shed(priority: Priority) -> &'static Counter {
    let metrics = metrics();
    match priority {
        Priority::Typing => &metrics.shed_typing,
        Priority::Presence => &metrics.shed_presence,
        Priority::Receipt => &metrics.shed_receipts,
        Priority::Read => &metrics.shed_reads,
        Priority::Change => &metrics.shed_changes,
        Priority::Message => &metrics.shed_messages,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: [Priority; 6] = [
        Priority::Typing,
        Priority::Presence,
        Priority::Receipt,
        Priority::Read,
        Priority::Change,
        Priority::Message,
    ];

    #[test]
    fn the_longer_writes_wait_the_more_stands_back_and_messages_last() {
        let limit = Duration::from_secs(1);

        for (gone, waited) in [0, 350, 450, 600, 800, 900, 1001].into_iter().enumerate() {
            let waited = Duration::from_millis(waited);
            let let_in: Vec<_> =
                ORDER.into_iter().filter(|priority| waited <= share(limit, *priority)).collect();
            assert_eq!(let_in, &ORDER[gone..], "{waited:?}");
        }
    }

    #[test]
    fn an_empty_queue_has_no_age() {
        let queue = WriteQueue::new(Some(Duration::ZERO));
        let long_ago = Instant::now();
        while long_ago.elapsed() < Duration::from_millis(2) {}
        queue.oldest_is(Some(long_ago));
        assert!(queue.age() >= Duration::from_millis(1));
        assert!(!queue.has_room_for(Priority::Message));

        queue.oldest_is(None);

        assert_eq!(queue.age(), Duration::ZERO);
        assert!(queue.has_room_for(Priority::Typing));
    }

    #[test]
    fn without_a_limit_everything_is_let_in() {
        let queue = WriteQueue::new(None);
        queue.oldest_is(Some(Instant::now()));

        assert!(queue.has_room_for(Priority::Typing));
    }
}
