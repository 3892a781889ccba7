//! Everything that is left to chance, from one seed.

use std::time::Duration;

use fastrand::Rng;

/// One stream of chance. What happens in one place does not change what is drawn in another.
#[derive(Clone, Debug)]
pub struct Chance(Rng);

impl Chance {
    /// The stream of one place.
    pub fn of(seed: u64, place: &str) -> Self {
        let mut rng = Rng::with_seed(seed);
        for byte in place.bytes() {
            rng = Rng::with_seed(rng.u64(..) ^ u64::from(byte));
        }
        Self(rng)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0.u64(..end)
    }

    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        self.0.u64(from..=to)
    }

    pub fn ms(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.between(from, to))
    }

    /// `true` once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        self.0.choice(from)
    }
}
