//! Opens many connections that do nothing, and measures what each costs the server.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::api::{Api, User};
use crate::outcome::Latency;
use crate::process::{Usage, require_files};
use crate::socket::{self, Socket};

/// How many users the connections belong to; their passwords take longer than the connections.
pub const USERS: u32 = 100;

const CONNECTS_AT_ONCE: u32 = 64;
const BUFFER: usize = 4 * 1024;
/// The server's files besides connections, and a few of ours.
const OTHER_FILES: u64 = 200;
/// Lets the server finish what a connection sets off.
const SETTLE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Idle {
    pub connections: u32,
    pub users: usize,
    pub connects_per_second: f64,
    pub connect: Latency,
    /// Before the first connection and with all of them; only if the process can be observed.
    pub resident_bytes: Option<(u64, u64)>,
}

pub async fn measure(
    api: &Api,
    users: &[User],
    connections: u32,
    pid: Option<u32>,
) -> Result<Idle> {
    require_files(u64::from(connections) + OTHER_FILES)?;
    ensure!(connections > 0, "no connections to open");
    let resident = || pid.map(|pid| Usage::of(pid).map(|usage| usage.resident_bytes)).transpose();

    let before = resident()?;
    let start = Instant::now();
    let opened = open(api, users, connections).await?;
    let elapsed = start.elapsed();
    sleep(SETTLE).await;
    let after = resident()?;

    Ok(Idle {
        connections,
        users: users.len(),
        connects_per_second: f64::from(connections) / elapsed.as_secs_f64(),
        connect: Latency::new(opened.iter().map(|(_, latency)| *latency)),
        resident_bytes: before.zip(after),
    })
}

/// Opens the connections from several tasks, each one after the other.
pub async fn open(api: &Api, users: &[User], connections: u32) -> Result<Vec<(Socket, Duration)>> {
    let mut openers = JoinSet::new();
    for first in 0..CONNECTS_AT_ONCE.min(connections) {
        let api = api.clone();
        let users: Vec<User> = (first..connections)
            .step_by(CONNECTS_AT_ONCE as usize)
            .map(|number| users[number as usize % users.len()].clone())
            .collect();
        openers.spawn(async move {
            let mut opened = Vec::with_capacity(users.len());
            for user in users {
                let start = Instant::now();
                let socket = socket::connect(api.base(), &user, BUFFER).await?;
                opened.push((socket, start.elapsed()));
            }
            anyhow::Ok(opened)
        });
    }
    let mut all = Vec::new();
    while let Some(opened) = openers.join_next().await {
        all.extend(opened??);
    }
    Ok(all)
}
