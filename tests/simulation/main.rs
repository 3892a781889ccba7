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
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use database::{Disk, lock};
use plant::Plant;
use world::{PEOPLE, run};

/// As in the program; a run makes and drops much.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap())
}

fn disk() -> Arc<Disk> {
    Arc::new(Disk::new(&PEOPLE))
}

#[test]
fn every_seed_keeps_the_promises() {
    if let Some(seed) = number("SIMULATION_SEED") {
        let outcome = run(seed, &disk(), None, true);
        #[expect(clippy::print_stdout, reason = "somebody wants to read it")]
        for line in &outcome.trace {
            println!("{line}");
        }
        assert!(outcome.broken.is_empty(), "seed {seed}: {:#?}", outcome.broken);
        return;
    }
    let seeds = number("SIMULATION_SEEDS").unwrap_or(1_000);
    let (next, messages, events) = (AtomicU64::new(1), AtomicUsize::new(0), AtomicUsize::new(0));
    let connections = AtomicUsize::new(0);
    let failures = std::sync::Mutex::new(vec![]);
    let longest = std::sync::Mutex::new(Duration::ZERO);
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let disk = disk();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > seeds || lock(&failures).len() > 20 {
                        return;
                    }
                    let outcome = run(seed, &disk, None, false);
                    messages.fetch_add(outcome.messages, Ordering::Relaxed);
                    events.fetch_add(outcome.events, Ordering::Relaxed);
                    connections.fetch_add(outcome.connections, Ordering::Relaxed);
                    let mut longest = lock(&longest);
                    *longest = outcome.repaired_in.max(*longest);
                    if !outcome.broken.is_empty() {
                        let again = format!("SIMULATION_SEED={seed}");
                        lock(&failures).push((again, outcome.broken));
                    }
                }
            });
        }
    });
    let (messages, events) = (messages.into_inner(), events.into_inner());
    let connections = connections.into_inner();
    #[expect(clippy::print_stdout, reason = "what was simulated")]
    {
        println!(
            "{seeds} seeds: {messages} messages, {events} events, {connections} connections, \
             complete after {:?} at the latest",
            lock(&longest)
        );
    }
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} seeds failed: {failures:#?}", failures.len());
    assert!(messages > 0 && events > messages && connections > 0);
}

#[test]
fn a_seed_runs_the_same_every_time() {
    let disk = disk();
    for seed in 1..=5 {
        let (one, other) = (run(seed, &disk, None, true), run(seed, &disk, None, true));
        let differs = one.trace.iter().zip(&other.trace).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(one.trace.len(), other.trace.len(), "seed {seed}");
        assert!(one.trace.len() > 100, "{:#?}", one.trace);
    }
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
