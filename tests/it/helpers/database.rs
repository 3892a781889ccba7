//! A database for one test.

use std::path::Path;

use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, Statement, TransactionTrait,
};
use tempfile::TempDir;
use uuid::Uuid;

/// An empty database that goes away with the value.
#[derive(Debug)]
pub struct TestDatabase {
    pub url: String,
    folder: TempDir,
    /// The server and name of a PostgreSQL database, to drop it.
    postgres: Option<(String, String)>,
}

impl TestDatabase {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/test.db", folder.path().display());
        Self { url, folder, postgres: None }
    }

    /// `None` without `TEST_DATABASE_URL`.
    #[expect(clippy::print_stdout, reason = "a test that passes without checking should say so")]
    pub async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            println!("skipped: TEST_DATABASE_URL is not set (`make test` sets it)");
            return None;
        };
        let name = format!("test_{}", Uuid::new_v4().simple());
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        Some(Self { postgres: Some((server, name)), ..Self::at(url) })
    }

    /// One that somebody else takes away.
    pub fn at(url: String) -> Self {
        Self { url, folder: tempfile::tempdir().unwrap(), postgres: None }
    }

    /// A folder of its own: holds an `SQLite` file, and is where processes are started.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The name of a PostgreSQL database.
    pub fn name(&self) -> Option<&str> {
        self.postgres.as_ref().map(|(_server, name)| name.as_str())
    }

    /// Runs SQL behind the server's back.
    pub async fn execute(&self, sql: &str) {
        execute(&self.url, sql).await;
    }

    /// The one value a query finds.
    pub async fn number(&self, sql: &str) -> i64 {
        let connection = open(&self.url).await;
        let row = connection.query_one_raw(statement(&connection, sql)).await.unwrap().unwrap();
        connection.close().await.unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// The one text a query finds.
    pub async fn text(&self, sql: &str) -> String {
        let connection = open(&self.url).await;
        let row = connection.query_one_raw(statement(&connection, sql)).await.unwrap().unwrap();
        connection.close().await.unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Lets no write of anybody else's through until it is released; reading goes on.
    pub async fn hold_writes(&self) -> OpenTransaction {
        let connection = open(&self.url).await;
        let transaction = connection.begin().await.unwrap();
        let lock = if self.postgres.is_some() {
            "LOCK TABLE messages, conversations, participants IN SHARE MODE"
        } else {
            "UPDATE conversations SET rev = rev WHERE FALSE"
        };
        transaction.execute_unprepared(lock).await.unwrap();
        OpenTransaction { transaction, connection }
    }

    /// Begins what somebody else does at the same time.
    pub async fn begin(&self) -> OpenTransaction {
        let connection = open(&self.url).await;
        OpenTransaction { transaction: connection.begin().await.unwrap(), connection }
    }

    pub async fn drop_it(self) {
        if let Some((server, name)) = self.postgres {
            execute(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

/// A transaction of somebody else's, and what it holds.
#[derive(Debug)]
pub struct OpenTransaction {
    transaction: DatabaseTransaction,
    connection: DatabaseConnection,
}

impl OpenTransaction {
    pub async fn execute(&self, sql: &str) {
        self.transaction.execute_unprepared(sql).await.unwrap();
    }

    /// The number PostgreSQL knows it by.
    pub async fn number(&self) -> i64 {
        let sql = "SELECT pg_current_xact_id()::text::bigint";
        let statement = statement(&self.connection, sql);
        let row = self.transaction.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    pub async fn commit(self) {
        self.transaction.commit().await.unwrap();
        self.connection.close().await.unwrap();
    }

    pub async fn release(self) {
        self.transaction.rollback().await.unwrap();
        self.connection.close().await.unwrap();
    }
}

async fn execute(url: &str, sql: &str) {
    let connection = open(url).await;
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

async fn open(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

fn statement(connection: &DatabaseConnection, sql: &str) -> Statement {
    Statement::from_string(connection.get_database_backend(), sql)
}
