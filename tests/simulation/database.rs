//! The database beneath: `SQLite` with the schema of the migrations. Each statement is carried out
//! at once, while the simulated time stands still.

use std::{
    future::Future,
    path::PathBuf,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Value};
use sqlx::{
    Arguments, AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tempfile::TempDir;
use vikrahub_messaging::{
    config::{DatabaseConfig, DatabaseUrl},
    storage,
};

/// A database that one seed after the other uses.
#[derive(Debug)]
pub struct Disk {
    options: SqliteConnectOptions,
    pub writer: Mutex<SqliteConnection>,
    pub reader: Mutex<SqliteConnection>,
    /// For what happens behind the server's back; it lets rows be deleted in any order.
    other: Mutex<SqliteConnection>,
    /// Connections for what is read at one moment.
    idle: Mutex<Vec<SqliteConnection>>,
    /// Tables that a seed leaves something in.
    tables: Vec<String>,
    _folder: TempDir,
}

/// Waits for what other threads do for the caller.
struct Awake(Thread);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Carries something out without letting anything else happen, or time pass.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Awake(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return done;
        }
        thread::park();
    }
}

impl Disk {
    /// A new database with these people, numbered from 1.
    pub fn new(people: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file: PathBuf = folder.path().join("simulation.db");
        let url = DatabaseUrl::new(format!("sqlite://{}", file.display()));
        let config = DatabaseConfig { url, ..DatabaseConfig::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(storage::migrate_up(&config)).unwrap();
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Off)
            .foreign_keys(true)
            .statement_cache_capacity(512)
            .disable_statement_logging();
        let open = |options| Mutex::new(at_once(SqliteConnection::connect_with(options)).unwrap());
        let disk = Self {
            writer: open(&options),
            reader: open(&options),
            other: open(&options.clone().foreign_keys(false)),
            idle: Mutex::default(),
            tables: vec![],
            options,
            _folder: folder,
        };
        for (place, name) in people.iter().enumerate() {
            disk.change(&format!(
                "INSERT INTO users (id, username, first_name, last_name, user_type, is_staff, \
                 is_superuser, is_active, date_joined) VALUES ({}, '{name}', '', '', 'client', \
                 0, 0, 1, '2026-01-01 00:00:00+00:00')",
                place + 1
            ));
        }
        let kept = "'users', 'database_epoch', 'seaql_migrations'";
        let tables = disk.rows(&format!(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ({kept}) \
             AND (name NOT LIKE 'sqlite%' OR name = 'sqlite_sequence')"
        ));
        let tables = tables.iter().map(|row| row.get(0)).collect();
        Self { tables, ..disk }
    }

    /// Forgets everything but the people.
    pub fn clear(&self) {
        for table in &self.tables {
            self.change(&format!("DELETE FROM {table}"));
        }
        self.change("UPDATE users SET last_active_at = NULL");
    }

    /// Changes something behind the server's back.
    pub fn change(&self, sql: &str) {
        let mut other = lock(&self.other);
        at_once(sqlx::query(AssertSqlSafe(sql)).execute(&mut *other)).unwrap();
    }

    /// Looks something up behind the server's back.
    pub fn rows(&self, sql: &str) -> Vec<sqlx::sqlite::SqliteRow> {
        let mut other = lock(&self.other);
        at_once(sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *other)).unwrap()
    }

    /// A connection of one's own.
    pub fn take(&self) -> SqliteConnection {
        let idle = lock(&self.idle).pop();
        idle.unwrap_or_else(|| at_once(SqliteConnection::connect_with(&self.options)).unwrap())
    }

    pub fn give_back(&self, connection: SqliteConnection) {
        lock(&self.idle).push(connection);
    }
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

pub fn execute(
    connection: &mut SqliteConnection,
    statement: Statement,
) -> Result<ExecResult, DbErr> {
    let (sql, values) = in_sqlite(statement);
    let query = sqlx::query_with(AssertSqlSafe(sql), values);
    at_once(query.execute(connection)).map(ExecResult::from).map_err(failed)
}

pub fn query(
    connection: &mut SqliteConnection,
    statement: Statement,
) -> Result<Vec<QueryResult>, DbErr> {
    let (sql, values) = in_sqlite(statement);
    let query = sqlx::query_with(AssertSqlSafe(sql), values);
    let rows = at_once(query.fetch_all(connection)).map_err(failed)?;
    Ok(rows.into_iter().map(QueryResult::from).collect())
}

pub fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), DbErr> {
    at_once(sqlx::query(sql).execute(connection)).map(drop).map_err(failed)
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

fn in_sqlite(statement: Statement) -> (String, SqliteArguments) {
    let values = statement.values.map(|values| values.0).unwrap_or_default();
    if let Some(sql) = unnested(&statement.sql, &values) {
        return (sql, SqliteArguments::default());
    }
    let mut arguments = SqliteArguments::default();
    for value in values {
        #[expect(clippy::wildcard_enum_match_arm, reason = "what is never bound")]
        match value {
            Value::Bool(it) => arguments.add(it),
            Value::Int(it) => arguments.add(it),
            Value::BigInt(it) => arguments.add(it),
            Value::BigUnsigned(it) => arguments.add(it.map(|it| i64::try_from(it).unwrap())),
            Value::String(it) => arguments.add(it),
            Value::Bytes(it) => arguments.add(it),
            Value::ChronoDateTimeUtc(it) => arguments.add(it),
            Value::Uuid(it) => arguments.add(it),
            other => panic!("no such value was bound before: {other:?}"),
        }
        .unwrap();
    }
    (statement.sql, arguments)
}

/// What several servers ask of PostgreSQL with `unnest(…) AS k(a, b)`, in the words of `SQLite`.
fn unnested(sql: &str, values: &[Value]) -> Option<String> {
    let start = sql.find("unnest(")?;
    let names_at = start + sql[start..].find("AS k(")? + "AS k(".len();
    let end = names_at + sql[names_at..].find(')')?;
    let casts: Vec<_> = sql[start..names_at].split("::").skip(1).collect();
    let columns: Vec<Vec<String>> = casts
        .iter()
        .zip(values)
        .map(|(cast, value)| {
            let Value::String(Some(list)) = value else { panic!("no list: {value:?}") };
            let literal = |item: &str| {
                let is_uuid = cast.starts_with("uuid");
                if is_uuid { format!("x'{}'", item.replace('-', "")) } else { item.to_owned() }
            };
            list.split(',').map(literal).collect()
        })
        .collect();
    let rows: Vec<_> = (0..columns[0].len())
        .map(|row| {
            let row: Vec<_> = columns.iter().map(|column| column[row].as_str()).collect();
            format!("({})", row.join(","))
        })
        .collect();
    let names: Vec<_> = sql[names_at..end]
        .split(',')
        .enumerate()
        .map(|(place, name)| format!("column{} AS {}", place + 1, name.trim()))
        .collect();
    let (names, rows) = (names.join(", "), rows.join(","));
    let (before, after) = (&sql[..start], &sql[end + 1..]);
    Some(format!("{before}(SELECT {names} FROM (VALUES {rows})) AS k{after}"))
}
