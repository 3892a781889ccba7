//! Whether the process takes more memory than it should: then it lets nobody else in.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::telemetry::resident_bytes;

/// How long a look at the memory holds for.
const FRESH: Duration = Duration::from_secs(1);

/// How much of the memory is taken that may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pressure {
    /// There is room.
    None,
    /// Enough for those who are here: nobody else is let in.
    High,
    /// Something has to be given back.
    TooHigh,
}

/// How much memory may be taken, and how much of it was at the last look.
#[derive(Debug)]
pub struct Memory {
    /// 0 = no limit; then nobody looks.
    max_bytes: u64,
    seen: Mutex<Option<(Instant, Pressure)>>,
}

impl Pressure {
    fn of(bytes: u64, max_bytes: u64) -> Self {
        if bytes > max_bytes / 10 * 9 {
            Self::TooHigh
        } else if bytes > max_bytes / 10 * 8 {
            Self::High
        } else {
            Self::None
        }
    }
}

impl Memory {
    pub fn new(max_mib: u64) -> Self {
        Self { max_bytes: max_mib.saturating_mul(1 << 20), seen: Mutex::default() }
    }

    /// As of the last second.
    pub fn pressure(&self) -> Pressure {
        if self.max_bytes == 0 {
            return Pressure::None;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, pressure)) = *seen
            && at.elapsed() < FRESH
        {
            return pressure;
        }
        let pressure =
            resident_bytes().map_or(Pressure::None, |bytes| Pressure::of(bytes, self.max_bytes));
        *seen = Some((Instant::now(), pressure));
        pressure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newcomers_stop_at_four_fifths_and_giving_back_starts_at_nine_tenths() {
        let pressure = |mib: u64| Pressure::of(mib << 20, 1000 << 20);

        assert_eq!(pressure(800), Pressure::None);
        assert_eq!(pressure(801), Pressure::High);
        assert_eq!(pressure(900), Pressure::High);
        assert_eq!(pressure(901), Pressure::TooHigh);
    }

    #[test]
    fn without_a_limit_there_is_no_pressure() {
        assert_eq!(Memory::new(0).pressure(), Pressure::None);
        assert_eq!(Memory::new(u64::MAX).pressure(), Pressure::None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_takes_more_than_a_mebibyte() {
        assert_eq!(Memory::new(1).pressure(), Pressure::TooHigh);
    }
}
