//! The power fails in the middle of the work: whatever was acknowledged is on the disk.
//!
//! The database lies on an ext4 of its own. While everybody who writes stands still, the image below it
//! is copied: what has not been flushed is not in the copy, as if the machine had lost its memory. The
//! server must start on the copy as it is.

use tokio::process::Command;

use super::{
    persistent::{RECOVERY, Tally, talk},
    rounds,
};
use crate::helpers::{Disk, Person, PostgresServer, Program, ServerProcess, TestDatabase};

/// Cuts of one run, unless `CHAOS_CUTS` says otherwise.
const CUTS: usize = 3;

/// Acknowledgements before a cut: more each time.
const SOME: usize = 25;

const MEGABYTES: u32 = 96;

/// Two people talk until something has been copied; then what they were promised is held against
/// what a server finds that starts on the copy.
async fn cut<C, S>(
    server: ServerProcess,
    (nadia, omar): (&Person, &Person),
    acknowledgements: usize,
    copy: impl AsyncFnOnce() -> C,
    restart: impl AsyncFnOnce(C) -> Result<(S, ServerProcess), String>,
) -> Result<(), String> {
    let tally = Tally::new();
    let fault = async {
        tally.more_acknowledged(acknowledgements, RECOVERY).await;
        // Everything that has been acknowledged by now, and what is on its way, was promised.
        server.pause().await;
        let copied = copy().await;
        tally.cut();
        server.kill().await;
        copied
    };
    let (copied, ledger) = tokio::join!(fault, talk(nadia, omar, &tally));

    let (held, server) = restart(copied).await?;
    let history = nadia.at(&server).whole_history_with(omar).await;
    server.kill().await;
    drop(held);
    assert!(ledger.len() >= acknowledgements);
    ledger.check(&history)
}

#[tokio::test]
async fn sqlite_keeps_what_was_acknowledged_when_the_power_fails() {
    for round in 1..=rounds("CHAOS_CUTS", CUTS) {
        let Some(disk) = Disk::of_image(MEGABYTES) else { return };
        let at =
            |disk: &Disk| TestDatabase::at(format!("sqlite://{}/test.db", disk.path().display()));
        let server = Program::unlimited(&at(&disk)).serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);

        let copy = async || disk.after_power_cut();
        let restart = async |copy: Disk| {
            let database = at(&copy);
            assert_eq!(database.text("PRAGMA integrity_check").await, "ok");
            let server = Program::unlimited(&database).serve().await;
            Ok(((copy, database), server))
        };
        let damage = cut(server, (&nadia, &omar), (1 + round % 5) * SOME, copy, restart).await;

        assert_eq!(damage, Ok(()), "cut {round}");
    }
}

async fn cut_postgres(settings: &[&str], acknowledgements: usize) -> Option<Result<(), String>> {
    let disk = Disk::of_image(2 * MEGABYTES)?;
    let postgres = PostgresServer::start_at(&disk.path(), None, settings).await?;
    // What was there before is on the disk.
    assert!(Command::new("sync").status().await.unwrap().success());
    let program = |database: &TestDatabase| {
        Program::unlimited(database).with("VIKRAHUB__DATABASE__ALLOW_UNSAFE_DURABILITY", "true")
    };
    let database = TestDatabase::at(postgres.url());
    let server = program(&database).serve().await;
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    nadia.conversation_with(&omar).await;
    assert!(Command::new("sync").status().await.unwrap().success());

    let copy = async || {
        postgres.pause().await;
        let copy = disk.after_power_cut();
        postgres.go_on().await;
        copy
    };
    let restart = async |copy: Disk| {
        let copied = postgres.start_copy(&copy.path()).await?;
        let database = TestDatabase::at(copied.url());
        let server = program(&database).serve().await;
        Ok(((copied, copy, database), server))
    };
    Some(cut(server, (&nadia, &omar), acknowledgements, copy, restart).await)
}

#[tokio::test]
async fn postgres_keeps_what_was_acknowledged_when_the_power_fails() {
    for round in 1..=rounds("CHAOS_CUTS", CUTS) {
        let Some(damage) = cut_postgres(&[], (1 + round % 5) * SOME).await else { return };

        assert_eq!(damage, Ok(()), "cut {round}");
    }
}

#[tokio::test]
async fn a_postgres_that_does_not_flush_is_found_out() {
    let Some(damage) = cut_postgres(&["fsync=off"], 4 * SOME).await else { return };

    assert!(damage.unwrap_err().contains("lost"));
}
