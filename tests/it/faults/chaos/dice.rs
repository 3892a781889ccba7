//! Chance that can be repeated: the same seed, the same decisions.

/// `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of their own for somebody.
    pub fn fork(&self, place: u64) -> Self {
        let mut dice = Self(self.0 ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

#[test]
fn the_same_seed_decides_the_same() {
    let rolls = |seed| {
        let mut dice = Dice::of(seed).fork(3);
        (0..9).map(|_| dice.below(1_000)).collect::<Vec<_>>()
    };

    assert_eq!(rolls(1), rolls(1));
    assert_ne!(rolls(1), rolls(2));
}
