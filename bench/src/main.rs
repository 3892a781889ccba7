//! Load generator: measures a server from outside, over real sockets, and checks every answer.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing results and progress is what this program is for"
)]

mod api;
mod cli;
mod comparison;
mod database;
mod environment;
mod frame;
mod idle;
mod ledger;
mod load;
mod machine;
mod outcome;
mod overload;
mod pair;
mod process;
mod reads;
mod report;
mod server;
mod socket;
mod strain;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::api::Api;
use crate::cli::{Cli, Command};

/// The generator shares the machine with what it measures; a second thread is for bursts only.
#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match run_until_signal(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Ends early on a signal, so that servers and temporary files are still taken away.
async fn run_until_signal(cli: Cli) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        outcome = run(cli) => outcome,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
    }
}

async fn run(cli: Cli) -> Result<()> {
    process::raise_file_limit()?;
    match cli.command {
        Command::All(args) => comparison::run(&args).await,
        Command::Load(args) => {
            let api = Api::new(args.target.url)?;
            let users = api.create_users(args.shape.users()).await?;
            let outcome = load::measure(&api, users, args.shape, args.target.pid).await?;
            println!("{}", report::load_header());
            println!("{}", report::load_row("running server", &outcome, None));
            outcome.check()
        }
        Command::Connect(args) => {
            let api = Api::new(args.target.url)?;
            let users = api.create_users(args.users).await?;
            let idle = idle::measure(&api, &users, args.connections, args.target.pid).await?;
            println!("{}", report::idle_line(&idle));
            Ok(())
        }
    }
}
