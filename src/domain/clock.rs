//! Time as a value: read once at the door, passed on from there.

use chrono::{DateTime, SubsecRound, Utc};

/// A moment in UTC with microseconds, the precision both databases keep.
pub type Timestamp = DateTime<Utc>;

/// The current moment, cut to microseconds.
pub fn now() -> Timestamp {
    Utc::now().trunc_subsecs(6)
}
