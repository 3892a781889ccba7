//! A server has so many files and so much memory, and goes on when they run short.

use std::{os::unix::fs::PermissionsExt, path::PathBuf};

use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::helpers::{
    PATIENCE, Person, Program, RawSocket, ServerProcess, Site, Socket, TestDatabase,
};

/// Files that the server may open.
const FILES: usize = 300;

/// Memory the server may take beyond what it has taken after its start, in MiB: room for newcomers,
/// and then for those who are there.
const FOR_NEWCOMERS: u64 = 20;

/// Messages that fill the caches of the database.
const WARM_UP: usize = 600;

/// More messages than this would close a connection that does not read by their number.
const MESSAGES_MAX: usize = 1000;

/// The program as somebody starts it who may open [`FILES`] files.
fn with_few_files(database: &TestDatabase) -> PathBuf {
    let script = database.folder().join("with_few_files.sh");
    let binary = env!("CARGO_BIN_EXE_vikrahub-messaging");
    std::fs::write(&script, format!("#!/bin/sh\nulimit -n {FILES}\nexec {binary} \"$@\"\n"))
        .unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    script
}

/// A socket, unless the server has no room for it and says when to try again.
async fn find_room(site: &Site, person: &Person) -> Option<Socket> {
    match Socket::open(site.ws_url(&format!("/ws/chat/?v=2&token={}", person.access))).await {
        Ok(socket) => Some(socket),
        Err(Error::Http(refusal)) => {
            assert_eq!(refusal.status(), 503);
            assert_eq!(refusal.headers()["retry-after"], "10");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

async fn counted(site: &Site, name: &str) -> usize {
    let metrics = site.get("/metrics").await.ok();
    let line = metrics.as_str().unwrap().lines().find_map(|line| line.strip_prefix(name));
    line.unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn files_are_left_for_everything_else() {
    let database = TestDatabase::sqlite();
    let program = Program::unlimited(&database)
        .built_as(with_few_files(&database))
        .with("VIKRAHUB__LIMITS__SOCKETS_PER_USER", "0");
    let server = program.serve().await;
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    let mut sockets = vec![];
    while let Some(socket) = find_room(&server, &omar).await {
        sockets.push(socket);
        assert!(sockets.len() < FILES, "the files are used up");
    }
    assert_eq!(sockets.len(), FILES / 5 * 4);
    assert_eq!(counted(&server, "vikrahub_sockets_refused_total").await, 1);

    // Who is there is served, and so is REST.
    let conversation = nadia.conversation_with(&omar).await;
    nadia.write(&conversation, "are you there?").await;
    for socket in &mut sockets {
        socket.receive_type("new_message").await;
    }
    drop(sockets);
    let deadline = Instant::now() + PATIENCE;
    while find_room(&server, &omar).await.is_none() {
        assert!(Instant::now() < deadline, "places do not come back");
    }
    server.stop().await;
}

/// What a server takes that has the caches of its database full, in MiB.
async fn memory_in_use(server: &ServerProcess, nadia: &Person, omar: &Person) -> u64 {
    let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
    for number in 0..WARM_UP {
        nadias.say(omar.id, &long_text(number)).await;
        omars.receive_type("new_message").await;
    }
    server.memory() / 1024
}

fn long_text(number: usize) -> String {
    format!("{number} {}", "👍".repeat(7900))
}

#[tokio::test]
async fn memory_that_runs_short_costs_newcomers_and_then_whoever_does_not_read() {
    let database = TestDatabase::sqlite();
    let program = Program::unlimited(&database)
        .with("VIKRAHUB__LIMITS__OUTBOUND_BYTES", "1000000000")
        .with("VIKRAHUB__SERVER__STALL_SECONDS", "300");
    let server = program.serve().await;
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    server.stop().await;
    // Passwords take memory for a moment, and only where they are made.
    let server = program.serve().await;
    let (nadia, omar) = (nadia.at(&server), omar.at(&server));
    let limit = (memory_in_use(&server, &nadia, &omar).await + FOR_NEWCOMERS) * 10 / 8;
    server.stop().await;

    let server = program.with("VIKRAHUB__LIMITS__MEMORY_MIB", &limit.to_string()).serve().await;
    let (nadia, omar) = (nadia.at(&server), omar.at(&server));
    let mut nadias = nadia.connect_v2().await;
    let mut stalled = RawSocket::open_with_small_buffer(&server, &omar).await;
    let mut sent = WARM_UP;
    let mut were_newcomers_refused = false;
    while counted(&server, "vikrahub_slow_consumers_total").await == 0 {
        nadias.say(omar.id, &long_text(sent)).await;
        sent += 1;
        assert!(sent - WARM_UP < MESSAGES_MAX, "nobody was sent away");
        were_newcomers_refused |= find_room(&server, &omar).await.is_none();
    }
    assert!(were_newcomers_refused);
    assert_eq!(stalled.close_code().await, 4008);
    stalled.end().await;

    // Whoever reads stays. When the memory is given back, others are let in again, and nothing is lost.
    nadias.send_raw(Message::text(r#"{"type":"ping"}"#)).await;
    nadias.expect("pong").await;
    let deadline = Instant::now() + 3 * PATIENCE;
    while find_room(&server, &omar).await.is_none() {
        assert!(Instant::now() < deadline, "{} KiB of {limit} MiB are kept", server.memory());
    }
    assert_eq!(omar.whole_history_with(&nadia).await.len(), sent);
    server.stop().await;
}
