//! A Redis of one test, to be killed, paused and emptied.

use std::{net::TcpListener, process::Stdio, time::Duration};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// Longest wait for it to start or to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Killed when the value goes.
#[derive(Debug)]
pub struct RedisServer {
    pub port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl RedisServer {
    /// On a free port of the loopback interface; keeps nothing on disk.
    pub async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { port, folder: tempfile::tempdir().unwrap(), child: None };
        server.start_again().await;
        server
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// On the same port, empty.
    pub async fn start_again(&mut self) {
        let port = self.port.to_string();
        let mut child = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains("Ready to accept connections") {
                    return;
                }
            }
            panic!("redis-server did not start");
        };
        timeout(PATIENCE, ready).await.unwrap();
        // Somebody has to read what it says, or it would wait for that one day.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        self.child = Some(child);
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.start_kill().unwrap();
        timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    }

    pub async fn pause(&self) {
        self.signal("STOP").await;
    }

    pub async fn go_on(&self) {
        self.signal("CONT").await;
    }

    async fn signal(&self, name: &str) {
        let pid = self.child.as_ref().unwrap().id().unwrap();
        let kill = format!("kill -{name} {pid}");
        assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
    }

    /// What `redis-cli` answers.
    pub async fn cli(&self, arguments: &[&str]) -> String {
        cli(&self.url(), arguments).await
    }
}

/// What `redis-cli` answers, asked of any Redis.
pub async fn cli(url: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("redis-cli");
    command.args(["-u", url]).args(arguments);
    let output = timeout(PATIENCE, command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
