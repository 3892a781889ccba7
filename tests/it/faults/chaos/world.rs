//! What the fleet talks to and the nemesis breaks: servers, their database, Redis, and the cables
//! between them. All of it on the loopback interface, and all of it of this run.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use reqwest::Method;
use uuid::Uuid;

use super::fleet::Fleet;
use crate::helpers::{
    BusProxy, Cable, PostgresServer, Program, RedisServer, ServerProcess, Site, TestDatabase,
    shared_redis,
};

/// Longest wait for a server to recover.
const PATIENCE: Duration = Duration::from_secs(20);

/// On what a run takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// One server.
    Sqlite,
    /// Two servers, which hear of each other by Redis.
    Postgres,
}

/// One server behind its cable.
#[derive(Debug)]
pub struct Node {
    program: Program,
    pub server: Option<ServerProcess>,
    pub cable: Cable,
    pub site: Site,
    /// What its servers have logged that are no more.
    log: String,
}

#[derive(Debug)]
pub struct World {
    pub nodes: Vec<Node>,
    pub database: TestDatabase,
    pub postgres: Option<PostgresServer>,
    pub redis: Option<RedisServer>,
    pub bus: Option<BusProxy>,
}

impl Node {
    async fn start(program: Program) -> Self {
        let server = program.serve().await;
        let cable = Cable::to(server.address).await;
        let site = Site::new(cable.address);
        Self { program, server: Some(server), cable, site, log: String::new() }
    }

    /// Whether it answers, over a cable that may have been cut a moment ago.
    async fn is_ready(&self) -> bool {
        let answer = self.site.request(Method::GET, "/health/ready").send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    }

    pub async fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            self.log += &server.kill().await;
        }
    }

    pub async fn start_again(&mut self) {
        let server = self.program.serve().await;
        self.cable.move_to(server.address);
        self.server = Some(server);
    }
}

/// A build that is broken on purpose, and how.
#[derive(Clone, Debug)]
pub struct Broken {
    pub binary: PathBuf,
    pub how: &'static str,
}

impl World {
    /// `None` where PostgreSQL or Redis are wanted and not there.
    pub async fn make(store: Store) -> Option<Self> {
        let (mut postgres, mut redis, mut bus) = (None, None, None);
        let database = match store {
            Store::Sqlite => TestDatabase::sqlite(),
            Store::Postgres => {
                shared_redis()?;
                let server = PostgresServer::start().await?;
                let url = server.url();
                postgres = Some(server);
                let server = RedisServer::start().await;
                bus = Some(BusProxy::before(server.port).await);
                redis = Some(server);
                TestDatabase::at(url)
            }
        };
        let mut program = Program::unlimited(&database)
            .with("VIKRAHUB__LIMITS__SYNCS_PER_MINUTE", "0")
            .with("VIKRAHUB__SERVER__WORKERS", "2");
        if let Some(bus) = &bus {
            program = program
                .with("REDIS_URL", &bus.url())
                .with(
                    "VIKRAHUB__REDIS__CHANNEL_PREFIX",
                    &format!("chaos-{}:", Uuid::new_v4().simple()),
                )
                .with("VIKRAHUB__REDIS__TIMEOUT_SECONDS", "1")
                .with("VIKRAHUB__REDIS__SWEEP_SECONDS", "1");
        }
        let mut nodes = vec![Node::start(program.clone()).await];
        if store == Store::Postgres {
            nodes.push(Node::start(program).await);
        }
        Some(Self { nodes, database, postgres, redis, bus })
    }

    /// Goes on with servers that are broken on purpose.
    pub async fn become_broken(&mut self, Broken { binary, how }: &Broken) {
        for node in &mut self.nodes {
            node.kill().await;
            node.program = node.program.clone().built_as(binary.clone()).with("BROKEN_BUILD", how);
            node.start_again().await;
        }
    }

    pub fn sites(&self) -> Vec<Site> {
        self.nodes.iter().map(|node| node.site.clone()).collect()
    }

    /// Waits until everything answers: the end of a run.
    pub async fn is_whole(&self) {
        let deadline = Instant::now() + PATIENCE;
        for node in &self.nodes {
            node.cable.mend();
            while !node.is_ready().await {
                assert!(Instant::now() < deadline, "a server does not recover");
            }
        }
    }

    /// Ends everything; what the servers have logged is kept there.
    pub async fn end(mut self, folder: &Path) {
        for (number, node) in self.nodes.iter_mut().enumerate() {
            node.kill().await;
            std::fs::write(folder.join(format!("server-{number}.log")), &node.log).unwrap();
        }
    }
}

/// Where the journals of a run are kept.
pub fn folder(store: Store, seed: u64) -> PathBuf {
    let name = format!("{store:?}-{seed}-{}", Uuid::new_v4().simple()).to_lowercase();
    let target = Path::new(env!("CARGO_BIN_EXE_vikrahub-messaging")).parent().unwrap();
    let folder = target.join("chaos").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Waits until the fleet has done so much, or time is over.
pub async fn let_pass(fleet: &Fleet, events: u64, at_most: Duration) {
    let mut progress = fleet.progress.subscribe();
    let target = *progress.borrow() + events;
    drop(tokio::time::timeout(at_most, progress.wait_for(|count| *count >= target)).await);
}
