//! What the db executor does when nobody waits for it: takes away what nobody needs any more.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    domain::{NotificationId, clock},
    storage::Storage,
};

/// Notifications looked at by one step.
const WINDOW: u64 = 500;

/// Between two rounds through all notifications.
const ROUND_EVERY: Duration = Duration::from_hours(1);

/// Between two looks for tickets that have expired.
const TICKETS_EVERY: Duration = Duration::from_mins(1);

/// One small step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chore {
    Tickets,
    /// The notifications after this one.
    Notifications {
        after: NotificationId,
        keep_days: u32,
    },
}

/// What there is to do, and when.
#[derive(Debug)]
pub(super) struct Housekeeping {
    /// Days a notification that was read is kept; 0 = for ever.
    keep_days: u32,
    looked_at: NotificationId,
    next_round: Instant,
    next_tickets: Instant,
}

impl Housekeeping {
    pub fn new(keep_days: u32) -> Self {
        let now = Instant::now();
        Self {
            keep_days,
            looked_at: NotificationId(0),
            next_round: now,
            next_tickets: now + TICKETS_EVERY,
        }
    }

    /// What to do next, if it is time for something.
    pub fn due(&mut self, now: Instant) -> Option<Chore> {
        if self.next_tickets <= now {
            self.next_tickets = now + TICKETS_EVERY;
            return Some(Chore::Tickets);
        }
        (self.keep_days > 0 && self.next_round <= now)
            .then_some(Chore::Notifications { after: self.looked_at, keep_days: self.keep_days })
    }

    /// Where the notifications go on; without it, the next round is for later.
    pub fn done(&mut self, went_to: Option<NotificationId>, now: Instant) {
        self.looked_at = went_to.unwrap_or(NotificationId(0));
        if went_to.is_none() {
            self.next_round = now + ROUND_EVERY;
        }
    }
}

/// Does it. For notifications, where to go on; a step that fails ends the round.
pub(super) async fn carry_out(storage: &Storage, chore: Chore) -> Option<NotificationId> {
    let now = clock::now();
    match chore {
        Chore::Tickets => {
            if let Err(error) = storage.purge_tickets(now).await {
                tracing::warn!(%error, "could not remove expired tickets");
            }
            None
        }
        Chore::Notifications { after, keep_days } => {
            let older_than = now - chrono::Duration::days(i64::from(keep_days));
            storage.purge_notifications(after, older_than, WINDOW).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "could not remove old notifications");
                None
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_goes_on_where_it_was_and_ends() {
        let mut housekeeping = Housekeeping::new(30);
        let now = Instant::now();
        let from =
            |after| Some(Chore::Notifications { after: NotificationId(after), keep_days: 30 });

        assert_eq!(housekeeping.due(now), from(0));
        housekeeping.done(Some(NotificationId(500)), now);
        assert_eq!(housekeeping.due(now), from(500));
        housekeeping.done(None, now);
        assert_eq!(housekeeping.due(now), None);
        assert_eq!(housekeeping.due(now + TICKETS_EVERY), Some(Chore::Tickets));
        assert_eq!(housekeeping.due(now + ROUND_EVERY), Some(Chore::Tickets));
        assert_eq!(housekeeping.due(now + ROUND_EVERY), from(0));
    }

    #[test]
    fn what_is_to_be_kept_for_ever_is_not_looked_at() {
        assert_eq!(Housekeeping::new(0).due(Instant::now()), None);
    }
}
