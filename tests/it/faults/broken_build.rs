//! The test of crashes must fail for a server that acknowledges before it commits.
//!
//! That server is an example of this package behind a feature, built here into the target folder of
//! the tests themselves: all dependencies are there already, so it costs one more build of the
//! library (seconds) and not one of everything (minutes), and `make test` can afford it each time.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::crash::crash;
use crate::{helpers::Program, with_both_databases};

/// Crashes that are enough: each of them loses something.
const ROUNDS: usize = 3;

const NAME: &str = "broken_ack_before_commit";

/// Builds the broken server; a second call finds it built.
async fn broken_server() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_vikrahub-messaging"));
    let profile_folder = program.parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--locked", "--example", NAME])
        .args(["--features", "broken-ack-before-commit", "--target-dir"])
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
        let broken = Program::unlimited(database).built_as(broken_server().await);

        let damage = crash(database, &broken, ROUNDS).await.unwrap_err();

        assert!(damage.contains("lost"), "{damage}");
    }
}
