//! The disk is full: writes are refused and say why, reads go on, and work goes on by itself once
//! there is room.

use std::path::Path;

use serde_json::json;

use super::{
    ledger::Ledger,
    persistent::{ANSWER_WITHIN, RECOVERY, Tally, talk},
};
use crate::helpers::{
    Disk, Person, PostgresServer, Program, ServerProcess, TestDatabase, folder_in_memory, psql,
};

/// Acknowledgements that show that work goes on.
const SOME: usize = 20;

/// Fills the disk while two people talk and makes room again. Reading goes on meanwhile, unless
/// `reads` is `false`.
async fn withstands(
    server: &ServerProcess,
    disk: &Disk,
    expected: &str,
    reads: bool,
    when_full: impl AsyncFnOnce(),
    heal: impl AsyncFnOnce(),
) {
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    let conversation = nadia.conversation_with(&omar).await;
    let tally = Tally::new();

    let fault = async {
        let mut posted = Ledger::default();
        tally.more_acknowledged(SOME, RECOVERY).await;
        let filler = disk.fill();
        when_full().await;
        tally.more_refused(4).await;
        if reads {
            assert!(!nadia.history_with(&omar).await.is_empty());
            nadia.get("/api/messaging/conversations/").await.ok();
            posted = post_until_refused(&nadia, &conversation, expected).await;
        }
        drop(filler);
        heal().await;
        tally.more_acknowledged(1, RECOVERY).await;
        tally.more_acknowledged(SOME, RECOVERY).await;
        tally.end();
        posted
    };
    let (posted, mut ledger) = tokio::join!(fault, talk(&nadia, &omar, &tally));

    ledger.extend(posted);
    let history = nadia.whole_history_with(&omar).await;
    assert_eq!(ledger.check(&history), Ok(()));
    assert_eq!(ledger.len(), history.len(), "what was refused is stored");
    assert!(tally.slowest() < ANSWER_WITHIN, "{:?}", tally.slowest());
    let codes = tally.codes();
    assert!(codes.iter().any(|code| code == expected), "{codes:?}");
}

/// Posts over REST until there is no room: PostgreSQL may find some for a while.
async fn post_until_refused(person: &Person, conversation: &str, expected: &str) -> Ledger {
    let path = format!("/api/messaging/conversations/{conversation}/messages/");
    let mut posted = Ledger::default();
    for number in 1.. {
        let answer = person.post(&path, json!({"content": format!("rest {number}")})).await;
        if answer.status != 201 {
            assert_eq!(
                (answer.status, &answer.body["code"]),
                (507, &json!(expected)),
                "{answer:?}"
            );
            assert_eq!(answer.header("retry-after"), "30");
            break;
        }
        posted.acknowledged(&answer.body);
    }
    posted
}

fn sqlite_at(place: &Path) -> TestDatabase {
    TestDatabase::at(format!("sqlite://{}/test.db", place.display()))
}

#[tokio::test]
async fn sqlite_without_room_refuses_writes_and_goes_on_when_there_is_some() {
    let Some(disk) = Disk::of_memory(16) else { return };
    let server = Program::unlimited(&sqlite_at(&disk.path())).serve().await;

    withstands(&server, &disk, "storage_full", true, async || {}, async || {}).await;
    server.stop().await;
}

#[tokio::test]
async fn postgres_without_room_for_tables_refuses_writes_and_goes_on_when_there_is_some() {
    let Some(disk) = Disk::of_memory(96) else { return };
    let wal = tempfile::tempdir().unwrap();
    // Its log of changes has room elsewhere.
    let postgres = PostgresServer::start_at(&disk.path(), Some(wal.path()), &[]).await;
    let Some(postgres) = postgres else { return };
    let server = Program::unlimited(&TestDatabase::at(postgres.url())).serve().await;

    withstands(&server, &disk, "storage_full", true, async || {}, async || {}).await;
    server.stop().await;
}

#[tokio::test]
async fn postgres_that_dies_of_a_full_log_is_waited_for() {
    let Some(disk) = Disk::of_memory(24) else { return };
    let data = folder_in_memory();
    let settings = ["max_wal_size=8MB", "min_wal_size=2MB"];
    let postgres = PostgresServer::start_at(data.path(), Some(&disk.path()), &settings).await;
    let Some(mut postgres) = postgres else { return };
    let server = Program::unlimited(&TestDatabase::at(postgres.url())).serve().await;

    let url = postgres.url();
    let use_up = async || {
        // More than what it has set aside.
        let much = "CREATE TABLE much AS \
                    SELECT repeat(md5(n::text), 20) FROM generate_series(1, 50000) AS n";
        assert!(!psql(&url, much).await);
    };
    let heal = async || {
        // It comes back by itself, unless it could not even write that it is about to.
        postgres.until_it_serves().await;
    };
    withstands(&server, &disk, "unavailable", false, use_up, heal).await;
    server.stop().await;
}
