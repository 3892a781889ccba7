//! The clock of the server is set forth and back by an hour while it runs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    helpers::{Person, Program, Socket, TestDatabase},
    with_both_databases,
};

const HOUR: i64 = 3600;

/// The library that fakes the clock; `None` when it is not installed.
#[expect(clippy::print_stdout, reason = "a test that passes without checking should say so")]
fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?;
    let libraries = folders.filter_map(|folder| {
        let library = folder.ok()?.path().join("faketime/libfaketimeMT.so.1");
        library.exists().then_some(library)
    });
    let found = libraries.into_iter().next();
    if found.is_none() {
        println!("skipped: libfaketime is not installed (`make test` installs it)");
    }
    found
}

/// A server whose clock can be set.
struct Clock(PathBuf);

impl Clock {
    fn of(database: &TestDatabase) -> Self {
        let clock = Self(database.folder().join("clock"));
        clock.set(0);
        clock
    }

    /// So many seconds away from the real time, from now on. The file is replaced at once: the server
    /// may read it at any moment.
    fn set(&self, seconds: i64) {
        let next = self.0.with_extension("next");
        fs::write(&next, format!("{seconds:+}\n")).unwrap();
        fs::rename(next, &self.0).unwrap();
    }

    fn moves(&self, program: Program, library: &Path) -> Program {
        program
            .with("LD_PRELOAD", library.to_str().unwrap())
            .with("FAKETIME_TIMESTAMP_FILE", self.0.to_str().unwrap())
            .with("FAKETIME_NO_CACHE", "1")
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }
}

fn time(message: &Value) -> chrono::DateTime<chrono::Utc> {
    message["created_at"].as_str().unwrap().parse().unwrap()
}

/// Says something in both directions, so that both sockets are seen to live.
async fn exchange(
    (nadia, nadias): (&Person, &mut Socket),
    (omar, omars): (&Person, &mut Socket),
    said: &mut Vec<Value>,
) {
    for turn in 0..5 {
        let sent = nadias.say(omar.id, &format!("question {turn}")).await;
        said.push(sent["message"].clone());
        omars.receive_type("new_message").await;
        let sent = omars.say(nadia.id, &format!("answer {turn}")).await;
        said.push(sent["message"].clone());
        nadias.receive_type("new_message").await;
    }
}

with_both_databases! {
    async fn a_clock_that_jumps_neither_reorders_nor_disconnects(database) {
        let Some(library) = faketime() else { return };
        let clock = Clock::of(database);
        // Tokens live for half an hour.
        let program = clock
            .moves(Program::unlimited(database), &library)
            .with("VIKRAHUB__AUTH__ACCESS_SECONDS", "1800");
        let server = program.serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let mut said = vec![];
        let me = "/api/users/me/";

        for (offset, is_valid) in [(0, true), (HOUR, false), (0, true), (-HOUR, true), (0, true)] {
            clock.set(offset);
            exchange((&nadia, &mut nadias), (&omar, &mut omars), &mut said).await;
            // Tokens follow the clock: those of before the jump have run out an hour later, and are
            // no less good an hour earlier. Whoever logs in gets one that is good in any case.
            let status = nadia.get(me).await.status;
            assert_eq!(status, if is_valid { 200 } else { 401 }, "{offset}");
            let login = server.log_in("nadia", "pw-nadia").await.ok();
            let mut again = nadia.clone();
            again.access = login["access"].as_str().unwrap().to_owned();
            assert_eq!(again.get(me).await.status, 200, "{offset}");
            again.connect_v2().await.close().await;
            // As does everything else that is done meanwhile.
            let mark = json!({"type": "mark_read", "conversation_id": conversation});
            omars.send(mark).await;
            nadias.receive_type("message_read").await;
            let ticket = again.post("/api/messaging/ws-ticket/", json!({})).await.ok();
            let path = format!("/ws/chat/?v=2&ticket={}", ticket["ticket"].as_str().unwrap());
            Socket::open(server.ws_url(&path)).await.unwrap().close().await;
        }

        // The jumps were real.
        let first_day = time(&said[0]);
        let jump = time(&said[10]) - first_day;
        assert!(jump >= chrono::TimeDelta::seconds(HOUR - 5), "{jump}");
        let history = nadia.whole_history_with(&omar).await;
        let ids = |messages: &[Value]| -> Vec<_> {
            messages.iter().map(|message| message["id"].clone()).collect()
        };
        assert_eq!(ids(&history), ids(&said));
        let seqs: Vec<_> = history.iter().map(|message| message["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (1..=said.len() as u64).collect::<Vec<_>>());
        assert!(history.iter().map(time).is_sorted(), "created_at has fallen");
        assert!(said.iter().map(time).is_sorted());
        server.stop().await;
    }
}
