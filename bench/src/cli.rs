//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use reqwest::Url;

use crate::database::Engine;

/// Measures a VikraHub Messaging server and checks that nothing is lost, doubled or reordered.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server on fresh databases and compare them, with and without group commit
    All(AllArgs),
    /// Put load on a running server (its rate limits must be off)
    Load(LoadArgs),
    /// Open idle connections to a running server (its connection limits must be off)
    Connect(ConnectArgs),
}

#[derive(Debug, Args)]
pub struct AllArgs {
    #[command(flatten)]
    pub shape: Shape,
    /// Idle connections to open; 0 leaves that measurement out
    #[arg(long, default_value_t = 10_000)]
    pub idle: u32,
    /// Idle connections that do not read while much is written to them; 0 leaves that measurement out
    #[arg(long, default_value_t = 200)]
    pub stalled: u32,
    /// Seconds during which one user floods, after as many without him; 0 leaves that measurement out
    #[arg(long, default_value_t = 25)]
    pub flood: u32,
    /// Seconds during which three times as many messages are sent as can be stored; 0 leaves that measurement out
    #[arg(long, default_value_t = 10)]
    pub overload: u32,
    /// Length of the longest history to read; 0 leaves that measurement out
    #[arg(long, default_value_t = 1_000_000)]
    pub history: u32,
    /// Which databases to measure
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Engine::Sqlite, Engine::Postgres])]
    pub databases: Vec<Engine>,
    /// A PostgreSQL database whose user may create others
    #[arg(long, env = "TEST_DATABASE_URL")]
    pub postgres_url: Option<Url>,
    /// The server's release build
    #[arg(long, default_value = "target/release/vikrahub-messaging")]
    pub server: PathBuf,
}

#[derive(Debug, Args)]
pub struct LoadArgs {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub shape: Shape,
}

#[derive(Debug, Args)]
pub struct ConnectArgs {
    #[command(flatten)]
    pub target: Target,
    /// How many connections to open
    #[arg(long, default_value_t = 10_000)]
    pub connections: u32,
    /// How many users they belong to
    #[arg(long, default_value_t = crate::idle::USERS, value_parser = clap::value_parser!(u32).range(1..))]
    pub users: u32,
}

#[derive(Debug, Args)]
pub struct Target {
    /// Where the server listens
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    pub url: Url,
    /// The server's process id, to report its memory and processor time
    #[arg(long)]
    pub pid: Option<u32>,
}

/// How much load, for how long.
#[derive(Debug, Clone, Copy, Args)]
pub struct Shape {
    /// Pairs of users; in each, one sends and the other receives
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub pairs: u32,
    /// Messages a sender keeps unacknowledged
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub window: u32,
    /// How long to measure, after a second of warming up
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    pub seconds: u32,
}

impl Shape {
    pub fn users(self) -> u32 {
        self.pairs * 2
    }
}
