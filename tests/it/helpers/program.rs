//! The real binary, as a process of its own.

use std::{
    ops::Deref,
    path::PathBuf,
    process::{ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

use super::{SECRET, Site, TestDatabase};

/// Longest wait for a process to start or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a process is started: nothing of the surrounding environment reaches it.
#[derive(Clone, Debug)]
pub struct Program {
    binary: PathBuf,
    folder: PathBuf,
    variables: Vec<(String, String)>,
}

impl Program {
    /// The program under test with this database, the secret of all tests and a free port.
    pub fn new(database: &TestDatabase) -> Self {
        let program = Self {
            binary: env!("CARGO_BIN_EXE_vikrahub-messaging").into(),
            folder: database.folder().into(),
            variables: vec![],
        };
        program
            .with("DATABASE_URL", &database.url)
            .with("JWT_SECRET", SECRET)
            .with("VIKRAHUB__SERVER__PORT", "0")
            // A machine that tests at full load is slow without anything being wrong.
            .with("VIKRAHUB__DATABASE__SHED_AFTER_MS", "0")
            .with("VIKRAHUB__DATABASE__EXPIRE_AFTER_MS", "0")
    }

    /// Without limits on how much comes from one address or person: tests send a lot.
    pub fn unlimited(database: &TestDatabase) -> Self {
        [
            "SENDS_PER_SECOND",
            "FRAMES_PER_SECOND",
            "SOCKETS_PER_ADDRESS",
            "CONNECTS_PER_MINUTE",
            "LOGINS_PER_MINUTE",
            "REGISTRATIONS_PER_MINUTE",
        ]
        .into_iter()
        .fold(Self::new(database), |program, limit| {
            program.with(&format!("VIKRAHUB__LIMITS__{limit}"), "0")
        })
    }

    /// Another build of it.
    pub fn built_as(self, binary: PathBuf) -> Self {
        Self { binary, ..self }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs a subcommand to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        timeout(PATIENCE, self.command(arguments).output()).await.unwrap().unwrap()
    }

    /// Runs a subcommand with this on its standard input.
    pub async fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap()
    }

    /// What a subcommand that must succeed prints.
    pub async fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// What a subcommand that must fail complains of.
    pub async fn complains(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(!output.status.success(), "{arguments:?}: {}", text(&output.stdout));
        text(&output.stderr)
    }

    /// Serves until it is stopped; has served its first request when this returns.
    pub async fn serve(&self) -> ServerProcess {
        let mut child = self.command(&["serve"]).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let (found, address) = oneshot::channel();
        let written = log.clone();
        let reading = tokio::spawn(async move {
            let mut found = Some(found);
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(address) = address_in(&line)
                    && let Some(found) = found.take()
                {
                    found.send(address).unwrap();
                }
                let mut log = written.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let Ok(Ok(address)) = timeout(PATIENCE, address).await else {
            panic!("the server did not start:\n{}", log.lock().unwrap());
        };
        let site = Site::new(address.parse().unwrap());
        site.get("/health/ready").await.ok();
        ServerProcess { child, site, log, reading }
    }
}

/// The address in the line that says that the server listens, whether for people or for machines.
fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("listening address=").or_else(|| {
        line.contains("\"listening\"").then(|| line.split_once("\"address\":\"")).flatten()
    })?;
    rest.split([' ', '"']).next().map(ToOwned::to_owned)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running server; killed when the value goes.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    site: Site,
    log: Arc<Mutex<String>>,
    reading: JoinHandle<()>,
}

impl Deref for ServerProcess {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl ServerProcess {
    /// Ends it as a power cut would; returns everything it has logged.
    pub async fn kill(mut self) -> String {
        self.child.start_kill().unwrap();
        self.ended().await.1
    }

    /// Asks it to stop.
    pub async fn terminate(&self) {
        self.signal("TERM").await;
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Makes it stand still.
    pub async fn pause(&self) {
        self.signal("STOP").await;
    }

    pub async fn go_on(&self) {
        self.signal("CONT").await;
    }

    async fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
    }

    /// Waits for its end; returns its status and everything it has logged.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let status = timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        timeout(PATIENCE, self.reading).await.unwrap().unwrap();
        (status, self.log.lock().unwrap().clone())
    }

    /// Stops it and expects that it stops well.
    pub async fn stop(self) {
        self.terminate().await;
        let (status, log) = self.ended().await;
        assert!(status.success(), "{status}:\n{log}");
    }

    /// Its memory, in KiB.
    pub fn memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}
