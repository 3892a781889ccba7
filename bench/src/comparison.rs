//! `bench all`: the same load on every kind of database, each on a server started for it alone.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use tempfile::TempDir;

use crate::api::User;
use crate::cli::AllArgs;
use crate::database::{Database, Engine};
use crate::environment::{Batches, Environment, variable};
use crate::idle::{self, Idle};
use crate::outcome::Outcome;
use crate::overload::{self, Overload};
use crate::reads::{History, Reads};
use crate::server::{Launch, Server};
use crate::strain::{self, Flood, Stalled};
use crate::{load, machine, report};

pub async fn run(args: &AllArgs) -> Result<()> {
    let bench = Comparison::prepare(args)?;

    println!("{}\n", machine::describe(bench.directory.path()));
    println!("{}\n", report::load_caption(args.shape));
    println!("{}", report::load_header());
    let (mut flaws, mut peaks) = (Vec::new(), Vec::new());
    for &engine in &args.databases {
        let single = bench.load(engine, Batches::OfOne).await?;
        let single_name = format!("{}, batches of one", engine.name());
        println!("{}", report::load_row(&single_name, &single, None));
        flaws.extend(single.check().context(single_name).err());

        let grouped = bench.load(engine, Batches::Grouped).await?;
        println!("{}", report::load_row(engine.name(), &grouped, Some(&single)));
        flaws.extend(grouped.check().context(engine.name()).err());
        peaks.push((engine, grouped.rate));
    }
    if args.history > 0 {
        println!("\n{}", report::reads_header());
        for &engine in &args.databases {
            for reads in bench.reads(engine, args.history).await? {
                println!("{}", report::reads_row(engine.name(), &reads));
            }
        }
    }
    if args.idle > 0 {
        println!("\n{}", report::idle_line(&bench.idle(args.idle).await?));
    }
    if args.stalled > 0 {
        let stalled = bench.stalled(args.idle.max(args.stalled), args.stalled).await?;
        println!("\n{}", report::stalled_line(&stalled));
        if stalled.sent_away < stalled.not_reading {
            flaws.push(anyhow!("only {} stalled clients were sent away", stalled.sent_away));
        }
    }
    if args.flood > 0 {
        println!("\n{}", report::flood_line(&bench.flood(args.flood).await?));
    }
    if args.overload > 0 {
        for (engine, peak) in peaks {
            let overload = bench.overload(engine, peak, args.overload).await?;
            println!("\n{}", report::overload_line(engine.name(), peak, &overload));
            if overload.wrong > 0 || overload.unanswered > 0 {
                flaws.push(anyhow!(
                    "overload: {} wrong, {} unanswered",
                    overload.wrong,
                    overload.unanswered
                ));
            }
        }
    }

    flaws.into_iter().next().map_or(Ok(()), Err)
}

struct Comparison<'a> {
    args: &'a AllArgs,
    environment: Environment,
    /// Holds the SQLite databases and the servers' logs.
    directory: TempDir,
}

impl<'a> Comparison<'a> {
    fn prepare(args: &'a AllArgs) -> Result<Self> {
        if args.databases.contains(&Engine::Postgres) && args.postgres_url.is_none() {
            bail!("TEST_DATABASE_URL is not set: run `make bench`, or add --databases sqlite");
        }
        let environment = Environment::load()?;
        let directory = TempDir::with_prefix("bench-")?;
        Ok(Self { args, environment, directory })
    }

    async fn load(&self, engine: Engine, batches: Batches) -> Result<Outcome> {
        let shape = self.args.shape;
        let (database, server, users) = self.stage(engine, batches, shape.users()).await?;
        eprintln!("bench: {}, {batches}: {} s of load …", engine.name(), shape.seconds);
        let outcome = load::measure(server.api(), users, shape, Some(server.pid())).await;
        let outcome = server.explain(outcome)?;
        server.stop().await?;
        database.remove().await?;
        Ok(outcome)
    }

    /// With a thousand messages, and with so many.
    async fn reads(&self, engine: Engine, messages: u32) -> Result<Vec<Reads>> {
        let (database, server, users) = self.stage(engine, Batches::Grouped, 2).await?;
        let mut history = History::new(server.api(), &users)?;
        let mut measured = Vec::new();
        for length in [1_000, messages.max(1_000)] {
            eprintln!("bench: {}: reading a history of {length} messages …", engine.name());
            measured.push(server.explain(history.measure(length).await)?);
        }
        server.stop().await?;
        database.remove().await?;
        Ok(measured)
    }

    async fn idle(&self, connections: u32) -> Result<Idle> {
        let (database, server, users) =
            self.stage(Engine::Sqlite, Batches::Grouped, idle::USERS).await?;
        eprintln!("bench: opening {connections} idle connections …");
        let idle = idle::measure(server.api(), &users, connections, Some(server.pid())).await;
        let idle = server.explain(idle)?;
        server.stop().await?;
        database.remove().await?;
        Ok(idle)
    }

    async fn stalled(&self, connections: u32, stalled: u32) -> Result<Stalled> {
        let (database, server, users) =
            self.stage(Engine::Sqlite, Batches::Grouped, strain::USERS).await?;
        eprintln!("bench: {connections} connections, {stalled} of which do not read …");
        let (api, alone) = (server.api(), Duration::from_secs(5));
        let measured =
            strain::stalled(api, &users, connections, stalled, server.pid(), alone).await;
        let measured = server.explain(measured)?;
        server.stop().await?;
        database.remove().await?;
        Ok(measured)
    }

    /// With the default limits on what one user and one address may do.
    async fn flood(&self, seconds: u32) -> Result<Flood> {
        let limits = [
            ("send_burst", "60"),
            ("sends_per_second", "20"),
            ("frames_per_second", "200"),
            ("connects_per_minute", "600"),
        ];
        let limits = limits.map(|(key, value)| (variable("limits", key), value.to_owned()));
        let (database, server, users) =
            self.stage_with(Engine::Sqlite, Batches::Grouped, strain::USERS, &limits).await?;
        eprintln!("bench: {seconds} s without and {seconds} s with somebody who floods …");
        let length = Duration::from_secs(seconds.into());
        let measured = strain::flood(server.api(), &users, length).await;
        let measured = server.explain(measured)?;
        server.stop().await?;
        database.remove().await?;
        Ok(measured)
    }

    async fn overload(&self, engine: Engine, peak: f64, seconds: u32) -> Result<Overload> {
        let (database, server, users) =
            self.stage(engine, Batches::Grouped, overload::USERS).await?;
        let (rate, length) = (peak * overload::TIMES, Duration::from_secs(seconds.into()));
        eprintln!("bench: {}: {rate:.0} messages/s for {seconds} s …", engine.name());
        let measured = overload::measure(server.api(), &users, rate, length, server.pid()).await;
        let measured = server.explain(measured)?;
        server.stop().await?;
        database.remove().await?;
        Ok(measured)
    }

    /// A fresh database with users in it, and a server that has done nothing yet.
    ///
    /// The users are registered through an earlier run of the server: password hashing leaves
    /// freed memory behind, which would hide what connections and messages take.
    async fn stage(
        &self,
        engine: Engine,
        batches: Batches,
        users: u32,
    ) -> Result<(Database, Server, Vec<User>)> {
        self.stage_with(engine, batches, users, &[]).await
    }

    /// The same with further settings.
    async fn stage_with(
        &self,
        engine: Engine,
        batches: Batches,
        users: u32,
        settings: &[(String, String)],
    ) -> Result<(Database, Server, Vec<User>)> {
        let database =
            Database::create(engine, self.directory.path(), self.args.postgres_url.as_ref());
        let database = database.await?;
        let mut variables = self.environment.variables(database.url(), batches)?;
        variables.extend_from_slice(settings);
        let launch = Launch { program: &self.args.server, variables, log: self.log() };

        eprintln!("bench: {}, {batches}: registering {users} users …", engine.name());
        let registrar = Server::start(&launch).await?;
        let users = registrar.explain(registrar.api().create_users(users).await)?;
        registrar.stop().await?;
        let server = Server::start(&launch).await?;
        Ok((database, server, users))
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("server.log")
    }
}
