//! A disk that takes everything and fails to keep it: what it could not flush is not acknowledged.

use std::process::Stdio;

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::oneshot,
    time::timeout,
};

use crate::helpers::{PATIENCE, Program, ServerProcess, Socket, TestDatabase};

/// Messages sent while nothing can be flushed.
const REFUSED: usize = 20;

/// Fails every flush of a server from now on; `None` where nobody may watch its system calls.
async fn fail_flushes(server: &ServerProcess) -> Option<Child> {
    let strace = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", "inject=fsync,fdatasync:error=EIO"])
        .args(["-e", "trace=fsync,fdatasync", "-p", &server.id().to_string()])
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let Ok(mut strace) = strace else { return skipped() };
    let mut lines = BufReader::new(strace.stderr.take().unwrap()).lines();
    let (attached, is_attached) = oneshot::channel();
    tokio::spawn(async move {
        let mut attached = Some(attached);
        // To the end: nobody could write into a pipe that is not read any more.
        while let Ok(Some(line)) = lines.next_line().await {
            if line.contains("attached")
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

/// Lets the server go on by itself.
async fn heal(mut strace: Child) {
    let detach = format!("kill -TERM {}", strace.id().unwrap());
    assert!(Command::new("sh").args(["-c", &detach]).status().await.unwrap().success());
    timeout(PATIENCE, strace.wait()).await.unwrap().unwrap();
}

/// What a message with this number is answered with.
async fn say(socket: &mut Socket, to: i64, number: usize) -> serde_json::Value {
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

#[tokio::test]
async fn what_could_not_be_flushed_is_not_acknowledged() {
    let database = TestDatabase::sqlite();
    let program = Program::unlimited(&database);
    let server = program.serve().await;
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    let mut nadias = nadia.connect_v2().await;
    assert_eq!(say(&mut nadias, omar.id, 0).await["type"], "message_sent");
    let Some(strace) = fail_flushes(&server).await else { return };

    for number in 1..=REFUSED {
        let answer = say(&mut nadias, omar.id, number).await;
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&json!("error"), &json!("unavailable")),
            "{answer}"
        );
        assert!(answer["retry_after"].is_number(), "{answer}");
    }
    assert_eq!(omar.whole_history_with(&nadia).await.len(), 1, "reading goes on");

    heal(strace).await;
    for number in 1..=REFUSED {
        let answer = say(&mut nadias, omar.id, number).await;
        assert_eq!(answer["type"], "message_sent", "{answer}");
        assert_eq!(answer["message"]["seq"], number + 1);
    }
    server.kill().await;

    let server = program.serve().await;
    let history = omar.at(&server).whole_history_with(&nadia).await;
    let texts: Vec<_> =
        history.iter().map(|message| message["content"].as_str().unwrap()).collect();
    assert_eq!(texts, (0..=REFUSED).map(|number| format!("number {number}")).collect::<Vec<_>>());
    server.stop().await;
}
