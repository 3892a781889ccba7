//! A fresh database for one measurement.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use reqwest::Url;
use tempfile::TempDir;
use tokio::process::Command;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

#[derive(Debug)]
pub enum Database {
    Sqlite { url: String, directory: TempDir },
    Postgres { url: String, name: String, admin: Url },
}

impl Database {
    /// Creates an empty database: a file below `directory`, or one more on the server of `admin`.
    pub async fn create(engine: Engine, directory: &Path, admin: Option<&Url>) -> Result<Self> {
        match engine {
            Engine::Sqlite => {
                let directory = TempDir::new_in(directory)?;
                let url = format!("sqlite://{}", directory.path().join("bench.db").display());
                Ok(Self::Sqlite { url, directory })
            }
            Engine::Postgres => {
                let admin = admin.context("no PostgreSQL given")?.clone();
                let name = format!("bench_{}", std::process::id());
                // An earlier measurement that failed may have left it behind.
                psql(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
                psql(&admin, &format!("CREATE DATABASE {name}")).await?;
                let mut url = admin.clone();
                url.set_path(&name);
                Ok(Self::Postgres { url: url.into(), name, admin })
            }
        }
    }

    pub fn url(&self) -> &str {
        match self {
            Self::Sqlite { url, .. } | Self::Postgres { url, .. } => url,
        }
    }

    pub async fn remove(self) -> Result<()> {
        match self {
            Self::Sqlite { directory, .. } => Ok(directory.close()?),
            Self::Postgres { name, admin, .. } => {
                psql(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await
            }
        }
    }
}

async fn psql(admin: &Url, statement: &str) -> Result<()> {
    let output = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statement])
        .arg(admin.as_str())
        .env("PGOPTIONS", "--client-min-messages=warning")
        .output()
        .await
        .context("cannot run psql")?;
    ensure!(
        output.status.success(),
        "psql could not {statement}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
