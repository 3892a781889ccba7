//! One run of the server program, from start to clean stop.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::api::Api;
use crate::environment::variable;

const START_LIMIT: Duration = Duration::from_secs(30);
/// Longer than the server grants itself.
const STOP_LIMIT: Duration = Duration::from_secs(40);
const LOG_LINES_SHOWN: usize = 20;

/// Settings of the caller's shell that would change what is measured.
const FOREIGN: [&str; 4] = ["REDIS_URL", "DJANGO_SECRET_KEY", "CORS_ALLOWED_ORIGINS", "RUST_LOG"];

/// What to start.
#[derive(Debug)]
pub struct Launch<'a> {
    pub program: &'a Path,
    pub variables: Vec<(String, String)>,
    /// Receives what the server prints; each run begins it anew.
    pub log: PathBuf,
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub struct Server {
    process: Child,
    pid: u32,
    api: Api,
    log: PathBuf,
}

impl Server {
    /// Starts the server on a free port and waits until it says that it is ready.
    pub async fn start(launch: &Launch<'_>) -> Result<Self> {
        let port = free_port()?;
        let log = File::create(&launch.log)?;
        let mut command = Command::new(launch.program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("VIKRAHUB") {
                command.env_remove(name);
            }
        }
        for name in FOREIGN {
            command.env_remove(name);
        }
        let process = command
            .arg("serve")
            .env(variable("server", "host"), "127.0.0.1")
            .env(variable("server", "port"), port.to_string())
            .envs(launch.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", launch.program.display()))?;
        let pid = process.id().context("the server has already ended")?;
        let api = Api::new(format!("http://127.0.0.1:{port}").parse()?)?;

        let mut server = Self { process, pid, api, log: launch.log.clone() };
        let ready = server.wait_until_ready().await;
        server.explain(ready)?;
        Ok(server)
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let limit = Instant::now() + START_LIMIT;
        while !self.api.is_ready().await {
            if let Some(status) = self.process.try_wait()? {
                bail!("the server ended while starting: {status}");
            }
            ensure!(Instant::now() < limit, "the server was not ready after {START_LIMIT:?}");
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Asks the server to stop, and takes an unclean stop for a failure.
    pub async fn stop(mut self) -> Result<()> {
        let stopped = self.terminate().await;
        self.explain(stopped)
    }

    async fn terminate(&mut self) -> Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).context("no such pid")?;
        kill_process(pid, Signal::TERM).context("the server has already ended")?;
        let status = timeout(STOP_LIMIT, self.process.wait())
            .await
            .with_context(|| format!("the server had not stopped after {STOP_LIMIT:?}"))??;
        ensure!(status.success(), "the server stopped uncleanly: {status}");
        Ok(())
    }

    pub fn api(&self) -> &Api {
        &self.api
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Adds the end of the server's log to a failure.
    pub fn explain<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|error| {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let mut lines: Vec<&str> = log.lines().rev().take(LOG_LINES_SHOWN).collect();
            lines.reverse();
            if lines.is_empty() {
                return error;
            }
            anyhow!("{error:#}\nend of the server's log:\n{}", lines.join("\n"))
        })
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
