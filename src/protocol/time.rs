//! Timestamps as clients read them.

use std::fmt;

use chrono::{Datelike, Timelike};
use serde::{Serialize, Serializer};

use crate::domain::Timestamp;

/// RFC 3339 in UTC with six digits, e.g. `2026-11-22T06:38:02.901074Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(pub Timestamp);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(at) = self;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.timestamp_subsec_micros()
        )
    }
}

impl Serialize for Stamp {
    /// Written straight into the output: a message has half a dozen of them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_has_six_digits_and_a_z() {
        let at = "2026-11-22T06:38:02.000074Z".parse().expect("a timestamp");

        assert_eq!(Stamp(at).to_string(), "2026-11-22T06:38:02.000074Z");
    }
}
