//! How often somebody may do something.

use std::{fmt, hash::Hash, num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::NoOpMiddleware,
};

use super::recent_keys::RecentKeys;
use crate::telemetry::metrics;

/// Keys a limiter tells apart. Beyond, those not seen for longest start afresh.
const KEYS: usize = 50_000;

type Limiter<K, C> = RateLimiter<K, RecentKeys<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// A limit per key on how often something happens. Turned off, it lets everything pass.
pub struct Rate<K, C: Clock = MonotonicClock>(Option<Limiter<K, C>>)
where
    K: Hash + Eq + Clone;

/// Too often. The same will pass after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    pub retry_after: u32,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// `burst` at once, then so many per second; 0 = no limit.
    pub fn per_second(rate: u32, burst: u32) -> Self {
        let quota = NonZeroU32::new(rate).zip(NonZeroU32::new(burst));
        Self::new(
            quota.map(|(rate, burst)| Quota::per_second(rate).allow_burst(burst)),
            MonotonicClock,
        )
    }

    /// So many per minute, all at once if need be; 0 = no limit.
    pub fn per_minute(rate: u32) -> Self {
        Self::new(NonZeroU32::new(rate).map(Quota::per_minute), MonotonicClock)
    }
}

impl<K: Hash + Eq + Clone, C: Clock> Rate<K, C> {
    fn new(quota: Option<Quota>, clock: C) -> Self {
        Self(quota.map(|quota| RateLimiter::new(quota, RecentKeys::new(KEYS), clock)))
    }

    /// Counts one more, if that is not too often.
    pub fn check(&self, key: &K) -> Result<(), Throttled> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        limiter.check_key(key).map_err(|refused| {
            metrics().rate_limited.increment(1);
            let wait = refused.wait_time_from(limiter.clock().now());
            Throttled { retry_after: whole_seconds(wait) }
        })
    }
}

/// Rounded up, and at least one: whoever waits so long is let through.
fn whole_seconds(wait: Duration) -> u32 {
    let up = u64::from(wait.subsec_nanos() > 0);
    u32::try_from((wait.as_secs() + up).max(1)).unwrap_or(u32::MAX)
}

impl<K: Hash + Eq + Clone, C: Clock> fmt::Debug for Rate<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the keys: some are addresses.
        f.write_str(if self.0.is_some() { "Rate(limited)" } else { "Rate(unlimited)" })
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn rate(quota: Quota) -> (Rate<u8, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Rate::new(Some(quota), clock.clone()), clock)
    }

    fn passed(rate: &Rate<u8, FakeRelativeClock>, key: u8, tries: usize) -> usize {
        (0..tries).filter(|_| rate.check(&key).is_ok()).count()
    }

    #[test]
    fn a_burst_passes_then_so_many_per_second() {
        let (twenty, sixty) = (NonZeroU32::new(20).unwrap(), NonZeroU32::new(60).unwrap());
        let (rate, clock) = rate(Quota::per_second(twenty).allow_burst(sixty));

        assert_eq!(passed(&rate, 1, 100), 60);
        clock.advance(Duration::from_secs(1));
        assert_eq!(passed(&rate, 1, 100), 20);
        clock.advance(Duration::from_mins(1));
        assert_eq!(passed(&rate, 1, 100), 60);
    }

    #[test]
    fn keys_do_not_disturb_each_other() {
        let (rate, _clock) = rate(Quota::per_minute(NonZeroU32::new(3).unwrap()));

        assert_eq!(passed(&rate, 1, 10), 3);
        assert_eq!(passed(&rate, 2, 10), 3);
    }

    #[test]
    fn whoever_waits_as_told_is_let_through() {
        let (rate, clock) = rate(Quota::per_minute(NonZeroU32::new(7).unwrap()));
        assert_eq!(passed(&rate, 1, 10), 7);

        for _ in 0..20 {
            let Throttled { retry_after } = rate.check(&1).expect_err("too often");
            clock.advance(Duration::from_secs(u64::from(retry_after) - 1));
            assert_eq!(passed(&rate, 1, 1), 0);
            clock.advance(Duration::from_secs(1));
            assert_eq!(passed(&rate, 1, 1), 1);
        }
    }

    #[test]
    fn zero_is_no_limit() {
        for rate in [Rate::per_second(0, 60), Rate::per_second(20, 0), Rate::per_minute(0)] {
            assert_eq!((0..1000).filter(|_| rate.check(&1).is_ok()).count(), 1000);
        }
    }
}
