//! A disk that takes everything and fails to keep it: what it could not flush is not acknowledged.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::oneshot,
    time::{Instant, timeout},
};

use crate::helpers::{PATIENCE, PostgresServer, Program, Socket, TestDatabase};

/// Messages sent while nothing can be flushed.
const REFUSED: usize = 20;

/// Fails every flush of these processes from now on; `None` where nobody may watch system calls.
async fn fail_flushes(processes: &[u32]) -> Option<Child> {
    let strace = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", "inject=fsync,fdatasync:error=EIO"])
        .args(["-e", "trace=fsync,fdatasync"])
        .args(processes.iter().flat_map(|process| ["-p".to_owned(), process.to_string()]))
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let Ok(mut strace) = strace else { return skipped() };
    let mut lines = BufReader::new(strace.stderr.take().unwrap()).lines();
    let mut missing = processes.len();
    let (attached, is_attached) = oneshot::channel();
    tokio::spawn(async move {
        let mut attached = Some(attached);
        // To the end: nobody could write into a pipe that is not read any more.
        while let Ok(Some(line)) = lines.next_line().await {
            missing = missing.saturating_sub(usize::from(line.contains(" attached")));
            if missing == 0
                && let Some(attached) = attached.take()
            {
                attached.send(()).ok();
            }
        }
    });
    if timeout(PATIENCE, is_attached).await.unwrap().is_err() {
        return skipped();
    }
    Some(strace)
}

#[expect(clippy::print_stdout, reason = "a test that passes without checking should say so")]
fn skipped() -> Option<Child> {
    println!("skipped: system calls cannot be watched (takes strace and the right to use it)");
    None
}

/// Lets them go on by themselves, those that are left.
async fn heal(mut strace: Child) {
    if let Some(strace) = strace.id() {
        let detach = format!("kill -TERM {strace} 2>/dev/null || true");
        assert!(Command::new("sh").args(["-c", &detach]).status().await.unwrap().success());
    }
    timeout(PATIENCE, strace.wait()).await.unwrap().unwrap();
}

/// What a message with this number is answered with.
async fn say(socket: &mut Socket, to: i64, number: usize) -> Value {
    let (text, client_id) = (format!("number {number}"), format!("n-{number}"));
    let frame =
        json!({"type": "message", "recipient_id": to, "text": text, "client_id": client_id});
    socket.send(frame).await;
    loop {
        let event = socket.receive().await;
        if event["client_id"] == client_id {
            return event;
        }
    }
}

/// The flushes of PostgreSQL fail for a while, or those of the server itself.
async fn withstands(program: &Program, mut postgres: Option<PostgresServer>) {
    let server = program.serve().await;
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    let mut nadias = nadia.connect_v2().await;
    assert_eq!(say(&mut nadias, omar.id, 0).await["type"], "message_sent");
    let processes = postgres.as_ref().map_or_else(|| vec![server.id()], PostgresServer::processes);
    let Some(strace) = fail_flushes(&processes).await else { return };

    for number in 1..=REFUSED {
        let answer = say(&mut nadias, omar.id, number).await;
        let refusal = (&answer["type"], &answer["code"]);
        assert_eq!(refusal, (&json!("error"), &json!("unavailable")), "{answer}");
        assert!(answer["retry_after"].is_number(), "{answer}");
    }

    heal(strace).await;
    if let Some(postgres) = &mut postgres {
        postgres.until_it_serves().await;
    }
    for number in 1..=REFUSED {
        let answer = sent(&mut nadias, omar.id, number).await;
        assert_eq!(answer["message"]["seq"], number + 1);
    }
    server.kill().await;
    let server = program.serve().await;
    let history = omar.at(&server).whole_history_with(&nadia).await;
    let texts = history.iter().map(|message| message["content"].as_str().unwrap());
    let wanted = (0..=REFUSED).map(|number| format!("number {number}"));
    assert_eq!(texts.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
    server.stop().await;
}

/// Repeats a message until it is stored: the server may not have noticed yet that it can be.
async fn sent(socket: &mut Socket, to: i64, number: usize) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = say(socket, to, number).await;
        if answer["type"] == "message_sent" {
            return answer;
        }
        assert!(Instant::now() < deadline, "{answer}");
    }
}

#[tokio::test]
async fn what_sqlite_could_not_flush_is_not_acknowledged() {
    let database = TestDatabase::sqlite();

    withstands(&Program::unlimited(&database), None).await;
}

/// It dies of it, and again while it recovers.
#[tokio::test]
async fn what_postgres_could_not_flush_is_not_acknowledged() {
    let Some(postgres) = PostgresServer::start().await else { return };
    let database = TestDatabase::at(postgres.url());

    withstands(&Program::unlimited(&database), Some(postgres)).await;
}
