//! The tests of faults must fail for servers that are broken on purpose.
//!
//! Such a server is an example of this package behind a feature, built here into the target folder of
//! the tests themselves: all dependencies are there already, so it costs one more build of the
//! library (seconds) and not one of everything (minutes), and `make test` can afford it each time. All
//! faults are in the one build; `BROKEN_BUILD` chooses (`docs/adr/0020-broken-builds.md`).

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{process::Command, sync::OnceCell};

use super::{
    chaos::{Blow, Broken, Kind, Plan, Store},
    crash::crash,
};
use crate::{helpers::Program, with_both_databases};

/// Crashes that are enough: each of them loses something.
const ROUNDS: usize = 3;

/// Storms that are long enough.
const STORM: Duration = Duration::from_secs(4);

/// Seeds that are tried: some faults need luck to show.
const TRIES: u64 = 3;

const NAME: &str = "broken_builds";

/// Builds the broken server, once.
async fn broken_server() -> PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT.get_or_init(build).await.clone()
}

async fn build() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_vikrahub-messaging"));
    let profile_folder = program.parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--locked", "--example", NAME])
        .args(["--features", "broken-builds", "--target-dir"])
        .arg(profile_folder.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    assert!(cargo.status().await.unwrap().success());
    profile_folder.join("examples").join(NAME)
}

with_both_databases! {
    async fn a_server_that_acknowledges_before_it_commits_is_found_out(database) {
        let broken = Program::unlimited(database)
            .built_as(broken_server().await)
            .with("BROKEN_BUILD", "ack-before-commit");

        let damage = crash(database, &broken, ROUNDS).await.unwrap_err();

        assert!(damage.contains("lost"), "{damage}");
    }
}

/// The checker must find this kind of damage under these blows.
async fn is_found_out(how: &'static str, store: Store, blows: &[Blow], kind: Kind) {
    let binary = broken_server().await;
    for seed in 1..=TRIES {
        let mut plan = Plan::of(store, seed, STORM);
        plan.blows = blows.to_vec();
        plan.broken = Some(Broken { binary: binary.clone(), how });
        let Some(report) = plan.run().await else { return };
        report.forget();
        if report.kinds().contains(&kind) {
            return;
        }
    }
    panic!("{how} goes unnoticed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledging_before_the_commit_loses_messages() {
    is_found_out("ack-before-commit", Store::Sqlite, &[Blow::KillNode], Kind::Lost).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telling_before_the_commit_shows_phantoms() {
    is_found_out("deliver-before-commit", Store::Sqlite, &[Blow::KillNode], Kind::Phantom).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_without_a_unique_key_make_duplicates() {
    let blows = [Blow::BreakFrames, Blow::CutClients];
    is_found_out("no-unique-key", Store::Sqlite, &blows, Kind::Duplicated).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_taken_outside_the_transaction_leave_gaps() {
    is_found_out("sequence-outside", Store::Sqlite, &[Blow::KillNode], Kind::Gap).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bus_loses_is_missing_without_repair() {
    is_found_out("no-gap-repair", Store::Postgres, &[Blow::DropSomeOfBus], Kind::Gap).await;
}
