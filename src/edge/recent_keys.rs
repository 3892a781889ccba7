//! The memory of a rate limiter, bounded however many keys turn up.

use std::{
    collections::HashMap,
    hash::Hash,
    mem,
    sync::{Mutex, PoisonError},
};

use governor::{
    nanos::Nanos,
    state::{InMemoryState, NotKeyed, StateStore},
};

/// Remembers between `capacity` and twice as many keys, those seen last. Forgetting costs nothing
/// and lets the forgotten start afresh: somebody with so many addresses is not held by counting them,
/// and the others must not suffer for him.
#[derive(Debug)]
pub(super) struct RecentKeys<K> {
    capacity: usize,
    generations: Mutex<Generations<K>>,
}

/// A key that is seen moves to the young; when they are too many, they become the old ones, and
/// whoever was old is forgotten.
#[derive(Debug)]
struct Generations<K> {
    young: HashMap<K, InMemoryState>,
    old: HashMap<K, InMemoryState>,
}

impl<K> RecentKeys<K> {
    pub fn new(capacity: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { capacity, generations: Mutex::new(generations) }
    }
}

impl<K: Hash + Eq + Clone> StateStore for RecentKeys<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.measure_and_replace(key, self.capacity, measure)
    }
}

impl<K: Hash + Eq + Clone> Generations<K> {
    fn measure_and_replace<T, F, E>(&mut self, key: &K, capacity: usize, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        if let Some(state) = self.young.get(key) {
            return state.measure_and_replace(&NotKeyed::NonKey, measure);
        }
        if self.young.len() >= capacity {
            self.old = mem::take(&mut self.young);
        }
        let state = self.old.remove(key).unwrap_or_default();
        let measured = state.measure_and_replace(&NotKeyed::NonKey, measure);
        self.young.insert(key.clone(), state);
        measured
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, num::NonZeroU32};

    use governor::{Quota, RateLimiter, clock::FakeRelativeClock, middleware::NoOpMiddleware};
    use proptest::prelude::*;

    use super::*;

    fn once_ever<K: Hash + Eq + Clone>(
        capacity: usize,
    ) -> RateLimiter<K, RecentKeys<K>, FakeRelativeClock, NoOpMiddleware<Nanos>> {
        let quota = Quota::per_minute(NonZeroU32::MIN);
        RateLimiter::new(quota, RecentKeys::new(capacity), FakeRelativeClock::default())
    }

    #[test]
    fn it_never_holds_more_than_twice_its_capacity() {
        let limiter = once_ever(10);

        for key in 0..1000 {
            limiter.check_key(&key).expect("the first of its key");
        }

        let generations = limiter.into_state_store().generations.into_inner().expect("no panic");
        assert!(generations.young.len() + generations.old.len() <= 20);
    }

    proptest! {
        /// Whatever happens, the last `capacity` different keys are remembered.
        #[test]
        fn the_keys_seen_last_are_remembered(keys in prop::collection::vec(0..20_u8, 0..200)) {
            let capacity = 5;
            let limiter = once_ever(capacity);
            let mut last: VecDeque<u8> = VecDeque::new();

            for key in keys {
                let passed = limiter.check_key(&key).is_ok();
                prop_assert!(!(passed && last.contains(&key)), "forgot {}", key);
                last.retain(|seen| *seen != key);
                last.push_front(key);
                last.truncate(capacity);
            }
        }
    }
}
