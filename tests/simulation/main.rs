//! Whole servers in one thread, under a clock that stands still while anything happens: thousands of
//! troubled conversations by seed, each of which can be had again.
//!
//! `SIMULATION_SEEDS=n` runs so many seeds; `SIMULATION_SEED=n` runs one and prints what happens.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod book;
mod bus;
mod chance;
mod database;
mod device;
mod line;
mod node;
mod plant;
mod store;
mod trace;
mod truth;
mod world;

use std::{
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use database::{Disk, lock};
use plant::Plant;
use world::{Outcome, PEOPLE, run};

/// As in the program; a run makes and drops much.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// So many seeds that fail are enough to read.
const FAILURES_MAX: usize = 20;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap())
}

fn disk() -> Arc<Disk> {
    Arc::new(Disk::new(&PEOPLE))
}

#[expect(clippy::print_stdout, reason = "somebody wants to read it")]
fn print(line: &str) {
    println!("{line}");
}

/// What all seeds together have come to.
#[derive(Debug, Default)]
struct Sum {
    messages: usize,
    events: usize,
    connections: usize,
    repaired_in: Duration,
    /// What was broken, by the seed that shows it.
    failures: Vec<(String, Vec<String>)>,
}

impl Sum {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.messages += outcome.messages;
        self.events += outcome.events;
        self.connections += outcome.connections;
        self.repaired_in = self.repaired_in.max(outcome.repaired_in);
        if !outcome.broken.is_empty() {
            self.failures.push((format!("SIMULATION_SEED={seed}"), outcome.broken));
        }
    }
}

#[test]
fn every_seed_keeps_the_promises() {
    if let Some(seed) = number("SIMULATION_SEED") {
        let outcome = run(seed, &disk(), None, true);
        for line in &outcome.trace {
            print(line);
        }
        assert!(outcome.broken.is_empty(), "seed {seed}: {:#?}", outcome.broken);
        return;
    }
    let seeds = number("SIMULATION_SEEDS").unwrap_or(1_000);
    let (next, sum) = (AtomicU64::new(1), Mutex::<Sum>::default());
    let one_after_the_other = || {
        let disk = disk();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > seeds || lock(&sum).failures.len() > FAILURES_MAX {
                return;
            }
            let outcome = run(seed, &disk, None, false);
            lock(&sum).add(seed, outcome);
        }
    };
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(one_after_the_other);
        }
    });

    let Sum { messages, events, connections, repaired_in, failures } = sum.into_inner().unwrap();
    print(&format!(
        "{seeds} seeds: {messages} messages, {events} events, {connections} connections, \
         complete after {repaired_in:?} at the latest"
    ));
    assert!(failures.is_empty(), "{} seeds failed: {failures:#?}", failures.len());
    assert!(messages > 0 && events > messages && connections > 0);
}

#[test]
fn a_seed_runs_the_same_every_time() {
    let disk = disk();
    let mut lines = 0;
    for seed in 1..=5 {
        let (one, other) = (run(seed, &disk, None, true), run(seed, &disk, None, true));
        let differs = one.trace.iter().zip(&other.trace).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(one.trace.len(), other.trace.len(), "seed {seed}");
        lines += one.trace.len();
    }
    assert!(lines > 500, "only {lines} lines in five runs");
}

#[test]
fn what_is_planted_is_found() {
    for plant in Plant::ALL {
        let disk = disk();
        plant.prepare(&disk);
        let found = (1..=60).find(|seed| {
            let broken = run(*seed, &disk, Some(plant), false).broken;
            broken.iter().any(|line| line.contains(plant.symptom()))
        });
        assert!(found.is_some(), "{plant:?} was not found");
    }
}
