//! Timestamps as clients read them.

use chrono::SecondsFormat;

use crate::domain::Timestamp;

/// RFC 3339 in UTC with six digits, e.g. `2026-11-22T06:38:02.901074Z`.
pub fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
