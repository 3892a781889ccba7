//! A PostgreSQL of one test, to be killed, restarted, paused and filled up.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::{Command as BlockingCommand, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::{Instant, timeout},
};

/// Longest wait for it to start or to end.
const PATIENCE: Duration = Duration::from_mins(1);

const USER: &str = "vikrahub";

/// Killed when the value goes.
#[derive(Debug)]
pub struct PostgresServer {
    pub address: SocketAddr,
    programs: PathBuf,
    data: PathBuf,
    settings: Vec<String>,
    child: Option<Child>,
    _folder: TempDir,
}

impl PostgresServer {
    /// `None` where tests run without PostgreSQL.
    pub async fn start() -> Option<Self> {
        let folder = folder_in_memory();
        let data = folder.path().to_owned();
        Self::start_in(&data, folder, None, &[]).await
    }

    /// Keeps its data in `place`, and its log of changes apart if `wal` says so.
    pub async fn start_at(place: &Path, wal: Option<&Path>, settings: &[&str]) -> Option<Self> {
        Self::start_in(place, tempfile::tempdir().unwrap(), wal, settings).await
    }

    #[expect(clippy::print_stdout, reason = "a test that passes without checking should say so")]
    async fn start_in(
        place: &Path,
        folder: TempDir,
        wal: Option<&Path>,
        settings: &[&str],
    ) -> Option<Self> {
        if std::env::var("TEST_DATABASE_URL").is_err() {
            println!("skipped: TEST_DATABASE_URL is not set (`make test` sets it)");
            return None;
        }
        let programs = programs();
        for owned in [Some(folder.path()), Some(place), wal].into_iter().flatten() {
            give_away(owned);
        }
        let data = place.join("data");
        let mut initdb = as_server_user(&programs.join("initdb"));
        initdb.arg("--pgdata").arg(&data).arg(format!("--username={USER}"));
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        if let Some(wal) = wal {
            initdb.args(["--wal-segsize=1"]).arg("--waldir").arg(wal.join("wal"));
        }
        let made = initdb.current_dir(folder.path()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let mut server = Self::with_data(data, programs, settings, folder);
        server.start_again().await;
        Some(server)
    }

    fn with_data(data: PathBuf, programs: PathBuf, settings: Vec<String>, folder: TempDir) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { address, programs, data, settings, child: None, _folder: folder }
    }

    /// Another one with a copy of the data at `place`, as after a power cut.
    pub async fn start_copy(&self, place: &Path) -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        give_away(folder.path());
        let data = place.join("data");
        // The machine that wrote it is gone.
        fs::remove_file(data.join("postmaster.pid")).ok();
        let mut copy = Self::with_data(data, self.programs.clone(), self.settings.clone(), folder);
        copy.try_start().await?;
        Ok(copy)
    }

    pub fn url(&self) -> String {
        Self::url_by(self.address)
    }

    /// The way to it by another address, that of a cable.
    pub fn url_by(address: SocketAddr) -> String {
        format!("postgres://{USER}@{address}/postgres")
    }

    /// With the same data, on the same port. What is left of the one before may be in the way for a
    /// moment.
    pub async fn start_again(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while let Err(log) = self.try_start().await {
            assert!(Instant::now() < deadline, "{log}");
        }
    }

    /// Accepts connections when this is done; what it says when it does not start.
    pub async fn try_start(&mut self) -> Result<(), String> {
        let mut command = as_server_user(&self.programs.join("postgres"));
        command.arg("-D").arg(&self.data);
        command.args(["-p", &self.address.port().to_string()]);
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        command.args(["-c", "max_connections=60", "-c", "shared_buffers=16MB"]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = Command::from(command).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut log = String::new();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                log.push_str(&line);
                log.push('\n');
                if line.contains("database system is ready to accept connections") {
                    return true;
                }
            }
            false
        };
        if !timeout(PATIENCE, ready).await.unwrap() {
            return Err(log);
        }
        // Somebody has to read what it says, or it would wait for that one day.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        self.child = Some(child);
        Ok(())
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.start_kill().unwrap();
        timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    }

    /// Ends it as an administrator does who does not wait for clients.
    pub async fn stop_fast(&mut self) {
        self.signal("INT", &[self.pid()]).await;
        let mut child = self.child.take().unwrap();
        timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    }

    /// Whether it has ended by itself.
    fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some())
    }

    /// Starts it again if it has ended, and waits until it answers.
    pub async fn until_it_serves(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.answers().await {
            assert!(Instant::now() < deadline, "PostgreSQL does not come back");
            if self.has_ended() {
                self.start_again().await;
            }
        }
    }

    async fn answers(&self) -> bool {
        psql(&self.url(), "CREATE TEMPORARY TABLE t (n int)").await
    }

    /// All its processes stand still.
    pub async fn pause(&self) {
        self.signal("STOP", &self.processes()).await;
    }

    pub async fn go_on(&self) {
        self.signal("CONT", &self.processes()).await;
    }

    fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id().unwrap()
    }

    /// Its processes, those that serve connections included.
    pub fn processes(&self) -> Vec<u32> {
        let children = format!("/proc/{0}/task/{0}/children", self.pid());
        let children = fs::read_to_string(children).unwrap_or_default();
        let children = children.split_whitespace().map(|pid| pid.parse().unwrap());
        std::iter::once(self.pid()).chain(children).collect()
    }

    async fn signal(&self, name: &str, processes: &[u32]) {
        for process in processes {
            // One of its children may have ended meanwhile.
            let kill = format!("kill -{name} {process} 2>/dev/null || true");
            assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
        }
    }
}

/// Whether PostgreSQL does it; it may die of it.
pub async fn psql(url: &str, sql: &str) -> bool {
    let mut psql = Command::new(programs().join("psql"));
    psql.args([url, "-qc", sql]).output().await.unwrap().status.success()
}

/// A folder in memory, where there is such: after a crash PostgreSQL flushes every file it has.
pub fn folder_in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Debian keeps the server programs off the PATH, one folder per major version.
fn programs() -> PathBuf {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = installed.map(|entry| entry.path().join("bin")).collect();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.sort();
    folders.pop().unwrap_or_else(|| {
        let path = std::env::var_os("PATH").unwrap();
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists()).unwrap()
    })
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The ordinary user whom root lends to PostgreSQL, which refuses to run as root.
fn server_user() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let ids_of = |name: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next()? == name)
                .then(|| fields.nth(1)?.parse().ok().zip(fields.next()?.parse().ok()))?
        })
    };
    ids_of("postgres").or_else(|| ids_of("nobody")).unwrap()
}

fn give_away(folder: &Path) {
    if is_root() {
        let (user, group) = server_user();
        chown(folder, Some(user), Some(group)).unwrap();
    }
}

fn as_server_user(program: &Path) -> BlockingCommand {
    use std::os::unix::process::CommandExt;
    let mut command = BlockingCommand::new(program);
    if is_root() {
        let (user, group) = server_user();
        command.uid(user).gid(group);
    }
    command
}
