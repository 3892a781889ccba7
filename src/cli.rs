//! The command line.
#![expect(clippy::print_stdout, reason = "what a command is asked for goes to standard output")]

mod demo;

use std::{
    io::{self, BufRead},
    path::PathBuf,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    app::{self, AppError, Migrations},
    auth::hash_password,
    commands::{self, Command as Verb, CommandError, Outcome, RegisterUser, SetActive},
    config::{Config, ConfigError, Sources},
    domain::{UserId, clock},
    http, lifecycle, protocol,
    storage::{self, Storage},
    telemetry,
};

/// Users read at once by `user list`.
const USERS_PER_PAGE: u64 = 500;

/// Real-time messages between the users of a web product.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// File with settings; wins over config/default.toml, loses to the environment.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGTERM (the default).
    Serve {
        /// Leave the schema as it is.
        #[arg(long)]
        no_migrate: bool,
    },
    /// Change the schema of the database.
    Migrate {
        #[command(subcommand)]
        direction: Direction,
    },
    /// Accounts.
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Print an access token for a user.
    Token {
        #[arg(long, value_name = "N")]
        user_id: i64,
        /// Lifetime in seconds.
        #[arg(long, value_name = "SECONDS")]
        ttl: Option<u64>,
    },
    /// Print the description of the REST endpoints (OpenAPI 3.1).
    Openapi,
    /// Print the description of the WebSocket endpoints (AsyncAPI 3.0).
    Asyncapi,
    /// The identity of the database, by which clients know what they have of it.
    Epoch {
        #[command(subcommand)]
        action: EpochAction,
    },
    /// Copy the SQLite database to a new file, also while the server runs.
    Backup {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Make such a copy the database, under a new epoch; the server must not run. What was there
    /// before is set aside.
    Restore {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// People and messages to try things out with.
    Demo {
        #[command(subcommand)]
        action: DemoAction,
    },
    /// The settings in force.
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Apply everything that is missing.
    Up,
    /// Take back the newest change, with the data it holds.
    Down,
    /// Print every change and whether it is applied.
    Status,
}

#[derive(Debug, Subcommand)]
enum UserAction {
    /// Make an account and print its id.
    Create(NewAccount),
    /// Print id, name and state of every user.
    List,
    /// Refuse a user from now on and end his connections.
    Deactivate { username: String },
    /// Let a deactivated user in again.
    Activate { username: String },
}

#[derive(Debug, Args)]
struct NewAccount {
    username: String,
    /// Read the password from the first line of standard input. Without it the account has no
    /// password and is used with tokens of the host platform only.
    #[arg(long)]
    password_stdin: bool,
    #[arg(long)]
    email: Option<String>,
    #[arg(long, default_value = "")]
    first_name: String,
    #[arg(long, default_value = "")]
    last_name: String,
    /// May query history and moderate.
    #[arg(long)]
    staff: bool,
    #[arg(long)]
    superuser: bool,
}

#[derive(Debug, Subcommand)]
enum EpochAction {
    /// Print it.
    Show,
    /// Replace it: after a backup was restored, before the server is started. Every client then
    /// drops what it has and starts afresh.
    Renew,
}

#[derive(Debug, Subcommand)]
enum DemoAction {
    /// Make four people who follow and write to each other. Whoever is there already stays as he is.
    Seed {
        /// Password of all four, also of those who are there already. Without it, new ones get one
        /// that is printed once.
        #[arg(long)]
        password: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigAction {
    /// Say whether the configuration can be used.
    Check,
    /// Print every setting, secrets redacted.
    Show,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Storage(#[from] storage::StorageError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Backup(#[from] storage::BackupError),
    #[error("cannot read the password: {0}")]
    Password(#[from] io::Error),
    #[error("there is no active user {0}")]
    NoUser(i64),
    #[error("there is no user named {0}")]
    NoSuchName(String),
    #[error("the user name may contain up to 150 letters, numbers and @/./+/-/_ only")]
    UserName,
}

/// Carries out the command line; runs inside an actix system.
pub async fn run(cli: Cli) -> Result<(), CliError> {
    let config = Config::load(&Sources::from_process(cli.config))?;
    match cli.command.unwrap_or(Command::Serve { no_migrate: false }) {
        Command::Serve { no_migrate } => {
            telemetry::init(&config.log);
            telemetry::raise_open_files_max();
            let migrations = if no_migrate { Migrations::Leave } else { Migrations::Apply };
            let listener = app::listen(&config.server)?;
            app::serve(config, migrations, listener, lifecycle::stop_signal()).await?;
        }
        Command::Migrate { direction } => migrate(&config, &direction).await?,
        Command::User { action: UserAction::Create(account) } => {
            create_user(&config, account).await?;
        }
        Command::User { action: UserAction::List } => list_users(&open(&config).await?).await?,
        Command::User { action: UserAction::Deactivate { username } } => {
            set_active(&config, username, false).await?;
        }
        Command::User { action: UserAction::Activate { username } } => {
            set_active(&config, username, true).await?;
        }
        Command::Demo { action: DemoAction::Seed { password } } => {
            let storage = open(&config).await?;
            print!("{}", demo::seed(&storage, password).await?);
            storage.close().await;
        }
        Command::Token { user_id, ttl } => {
            let storage = open(&config).await?;
            let user = storage.person(UserId(user_id)).await?.filter(|user| user.is_active);
            let user = user.ok_or(CliError::NoUser(user_id))?;
            let lifetime = ttl.map(Duration::from_secs);
            let token = app::keys(&config)?.issue_access(user.id, clock::now(), lifetime);
            println!("{}", token.ok_or(AppError::NoSecret)?);
        }
        Command::Openapi => print!("{}", http::openapi_document()),
        Command::Asyncapi => print!("{}", protocol::asyncapi_document()),
        Command::Epoch { action } => {
            let storage = open(&config).await?;
            let epoch = match action {
                EpochAction::Show => storage.epoch().await?,
                EpochAction::Renew => storage.renew_epoch().await?,
            };
            println!("{}", epoch.0);
            storage.close().await;
        }
        Command::Backup { file } => {
            let bytes = storage::back_up(&config.database, &file).await?;
            println!("{}: {bytes} bytes", file.display());
        }
        Command::Restore { file } => {
            let restored = storage::restore(&config.database, &file).await?;
            if let Some(set_aside) = restored.set_aside {
                println!("The database from before is at {}", set_aside.display());
            }
            println!("{}", restored.epoch.0);
        }
        Command::Config { action: ConfigAction::Check } => println!("The configuration is valid."),
        Command::Config { action: ConfigAction::Show } => print!("{}", config.to_toml()),
    }
    Ok(())
}

/// The database with the current schema.
async fn open(config: &Config) -> Result<Storage, AppError> {
    storage::migrate_up(&config.database).await.map_err(AppError::Migrate)?;
    Ok(storage::connect(&config.database).await?)
}

async fn migrate(config: &Config, direction: &Direction) -> Result<(), AppError> {
    let database = &config.database;
    match direction {
        Direction::Up => storage::migrate_up(database).await,
        Direction::Down => storage::migrate_down(database).await,
        Direction::Status => storage::migration_status(database).await.map(|states| {
            for state in states {
                println!("{}  {}", if state.applied { "applied" } else { "missing" }, state.name);
            }
        }),
    }
    .map_err(AppError::Migrate)
}

async fn create_user(config: &Config, account: NewAccount) -> Result<(), CliError> {
    let is_allowed = |char: char| char.is_alphanumeric() || "_.@+-".contains(char);
    let length = account.username.chars().count();
    if length == 0 || length > 150 || !account.username.chars().all(is_allowed) {
        return Err(CliError::UserName);
    }
    let password_hash = if account.password_stdin {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Some(hash_password(line.trim_end_matches(['\r', '\n'])))
    } else {
        None
    };
    let register = Verb::RegisterUser(RegisterUser {
        username: account.username,
        email: account.email,
        first_name: account.first_name,
        last_name: account.last_name,
        user_type: "client".to_owned(),
        password_hash,
        is_staff: account.staff,
        is_superuser: account.superuser,
    });
    let storage = open(config).await?;
    let Outcome::Registered(user) = carry_out(&storage, register).await? else {
        return Err(CommandError::Internal.into());
    };
    println!("{}", user.id);
    storage.close().await;
    Ok(())
}

async fn set_active(config: &Config, username: String, is_active: bool) -> Result<(), CliError> {
    let storage = open(config).await?;
    let set = Verb::SetActive(SetActive { username: username.clone(), is_active });
    match carry_out(&storage, set).await {
        Ok(_) => {
            storage.close().await;
            Ok(())
        }
        Err(CommandError::RecipientNotFound) => Err(CliError::NoSuchName(username)),
        Err(error) => Err(error.into()),
    }
}

async fn carry_out(storage: &Storage, command: Verb) -> Result<Outcome, CommandError> {
    let stored = commands::store(storage, vec![command], clock::now(), true).await.outcomes.pop();
    stored.map_or(Err(CommandError::Internal), |(_place, outcome)| outcome)
}

async fn list_users(storage: &Storage) -> Result<(), CliError> {
    let mut after = UserId(i64::MIN);
    loop {
        let page = storage.users_page(after, USERS_PER_PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for user in page {
            let state = if user.is_active { "active" } else { "deactivated" };
            let role = if user.is_staff || user.is_superuser { "staff" } else { "user" };
            println!("{}\t{}\t{state}\t{role}", user.id, user.username);
        }
    }
}
