//! When somebody who is told to wait does not listen.

use std::time::{Duration, Instant};

/// So many refusals ...
const TOO_MANY: u32 = 100;

/// ... within this time are a flood. A client that waits as told has at most one a second.
const WINDOW: Duration = Duration::from_secs(10);

/// Counts what was refused to one connection.
#[derive(Debug, Default)]
pub struct Refusals {
    since: Option<Instant>,
    count: u32,
}

impl Refusals {
    /// Counts one more refusal; whether they are a flood now.
    pub fn one_more(&mut self, now: Instant) -> bool {
        let is_recent = self.since.is_some_and(|since| now.duration_since(since) < WINDOW);
        if !is_recent {
            *self = Self { since: Some(now), count: 0 };
        }
        self.count += 1;
        self.count >= TOO_MANY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_refusals_in_a_short_time_are_a_flood() {
        let mut refusals = Refusals::default();
        let now = Instant::now();

        assert!((1..TOO_MANY).all(|_| !refusals.one_more(now)));
        assert!(refusals.one_more(now + WINDOW / 2));
    }

    #[test]
    fn one_refusal_now_and_then_is_none() {
        let mut refusals = Refusals::default();
        let start = Instant::now();

        let mut times = (0..10 * TOO_MANY).map(|second| start + Duration::from_secs(second.into()));

        assert!(times.all(|now| !refusals.one_more(now)));
    }
}
