//! What a run of many pairs amounts to.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::ledger::Ledger;
use crate::pair::Schedule;
use crate::process::Usage;

#[derive(Debug)]
pub struct Outcome {
    /// Acknowledged messages per second.
    pub rate: f64,
    pub acknowledgement: Latency,
    pub delivery: Latency,
    pub lost: usize,
    pub duplicated: u64,
    pub out_of_order: u64,
    /// Only of a server whose process can be observed.
    pub cost: Option<Cost>,
}

#[derive(Debug)]
pub struct Cost {
    pub resident_bytes: u64,
    pub processor_per_message: Duration,
}

impl Outcome {
    pub fn new(ledgers: &[&Ledger], schedule: Schedule, usage: Option<(Usage, Usage)>) -> Self {
        let sent = || ledgers.iter().flat_map(|ledger| ledger.sent());
        let counted = || sent().filter(|sent| sent.at >= schedule.count_from);
        let window = schedule.count_from..schedule.stop;
        let acknowledged =
            sent().filter(|sent| sent.acknowledged.is_some_and(|at| window.contains(&at))).count();
        let acknowledged = u32::try_from(acknowledged).unwrap_or(u32::MAX);
        Self {
            rate: f64::from(acknowledged) / (window.end - window.start).as_secs_f64(),
            acknowledgement: Latency::new(
                counted().filter_map(|sent| Some(sent.acknowledged? - sent.at)),
            ),
            delivery: Latency::new(counted().filter_map(|sent| Some(sent.delivered? - sent.at))),
            lost: ledgers.iter().map(|ledger| ledger.lost()).sum(),
            duplicated: ledgers.iter().map(|ledger| ledger.duplicated).sum(),
            out_of_order: ledgers.iter().map(|ledger| ledger.out_of_order).sum(),
            cost: usage.map(|(before, after)| Cost {
                resident_bytes: after.resident_bytes,
                processor_per_message: after.processor.saturating_sub(before.processor)
                    / acknowledged.max(1),
            }),
        }
    }

    /// Fails if the server broke a promise.
    pub fn check(&self) -> Result<()> {
        let Self { lost, duplicated, out_of_order, .. } = self;
        ensure!(
            *lost == 0 && *duplicated == 0 && *out_of_order == 0,
            "{lost} messages lost, {duplicated} duplicated, {out_of_order} out of order"
        );
        Ok(())
    }
}

/// The middle of all latencies, and what one in a hundred exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    pub p50: Duration,
    pub p99: Duration,
}

impl Latency {
    pub fn new(latencies: impl Iterator<Item = Duration>) -> Self {
        let mut sorted: Vec<Duration> = latencies.collect();
        sorted.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
            sorted.get(rank).copied().unwrap_or_default()
        };
        Self { p50: percentile(50), p99: percentile(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::Latency;
    use std::time::Duration;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let latency = Latency::new((1..=200).rev().map(Duration::from_millis));

        let expected = Latency { p50: Duration::from_millis(100), p99: Duration::from_millis(198) };
        assert_eq!(latency, expected);
    }

    #[test]
    fn nothing_has_no_latency() {
        assert_eq!(Latency::new(std::iter::empty()).p99, Duration::ZERO);
    }
}
