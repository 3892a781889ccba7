//! A fleet of clients that write down what they do, a nemesis that breaks what they talk to, and a
//! check of what is left.
//!
//! `make chaos` runs it for long; as a part of the tests it is short. `CHAOS_SEEDS` runs of
//! `CHAOS_SECONDS` begin with seed `CHAOS_SEED`.

mod account_checks;
mod checks;
mod checks_tests;
mod deeds;
mod device;
mod editor;
mod fleet;
mod hearing;
mod journal;
mod nemesis;
mod report;
mod run;
mod world;

use std::time::Duration;

pub use checks::Kind;
pub use nemesis::Blow;
pub use run::Plan;
pub use world::{Broken, Store};

use super::rounds;

const SEEDS: usize = 1;

const SECONDS: usize = 8;

#[expect(clippy::print_stdout, reason = "the seed of a run has to be known")]
async fn withstands_chaos(store: Store) {
    let first = rounds("CHAOS_SEED", 1);
    let storm = Duration::from_secs(rounds("CHAOS_SECONDS", SECONDS) as u64);
    for seed in first..first + rounds("CHAOS_SEEDS", SEEDS) {
        println!("chaos on {store:?}, seed {seed}");
        let Some(report) = Plan::of(store, seed as u64, storm).run().await else { return };
        println!("{report}");
        assert!(report.violations.is_empty(), "{report}");
        assert!(report.acknowledged > 30, "too little to mean anything: {report}");
        report.forget();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    withstands_chaos(Store::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    withstands_chaos(Store::Postgres).await;
}
