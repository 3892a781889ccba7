//! Time as a value: read once at the door, passed on from there.

use std::{sync::LazyLock, time::Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A moment in UTC with microseconds, the precision both databases keep.
pub type Timestamp = DateTime<Utc>;

/// When this process began, on both clocks.
static START: LazyLock<(Timestamp, Instant)> = LazyLock::new(|| (Utc::now(), Instant::now()));

/// The current moment, cut to microseconds.
pub fn now() -> Timestamp {
    LazyLock::force(&START);
    Utc::now().trunc_subsecs(6)
}

/// What the time would be if nobody had set the clock since this process began. What was made a moment
/// ago is not in the future for it, even if the clock has been put back since.
pub fn undisturbed() -> Timestamp {
    let (start, monotonic) = *START;
    let elapsed = TimeDelta::from_std(monotonic.elapsed()).unwrap_or_default();
    start.checked_add_signed(elapsed).unwrap_or(start)
}
