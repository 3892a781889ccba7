//! Who the server is on PostgreSQL: a role that sees nothing by itself for reading, one that sees
//! all for writing. The schema makes both (`migration/src/m20261124_000003_row_security.rs`).

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use super::{Connection, connect::ConnectError};
use crate::{config::DatabaseConfig, domain::UserId};

/// Sees its own rows once it says who it is, and writes nothing.
pub(super) const READER: &str = "vikrahub_app";

/// Sees and writes all: the write lane, whose transactions hold the commands of many people.
pub(super) const WRITER: &str = "vikrahub_service";

/// For the length of a transaction.
pub(super) const AS_SERVICE: &str = "SET LOCAL ROLE vikrahub_service";

/// The same, and all statements of the transaction see the same moment.
pub(super) const AS_SERVICE_AT_ONE_MOMENT: &str =
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL ROLE vikrahub_service";

/// For the length of a transaction. The id is a number: nothing can be slipped in.
pub(super) fn as_user(user: UserId) -> String {
    format!("SELECT set_config('app.user_id', '{}', true)", user.0)
}

#[derive(FromQueryResult)]
struct Standing {
    reads_as: String,
    sees_all: bool,
    owns_tables: bool,
    unprotected: Option<String>,
    login: String,
    login_is_owner: bool,
}

/// Refuses a database whose second lock is open.
pub(super) async fn check(
    config: &DatabaseConfig,
    readers: &Connection,
) -> Result<(), ConnectError> {
    let sql = "WITH mine AS (SELECT * FROM pg_roles WHERE rolname = current_user), \
         login AS (SELECT * FROM pg_roles WHERE rolname = session_user), \
         tables AS (SELECT * FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
           AND relkind = 'r') \
         SELECT current_user::text AS reads_as, session_user::text AS login, \
         (SELECT rolsuper OR rolbypassrls FROM mine) AS sees_all, \
         EXISTS (SELECT 1 FROM tables WHERE relowner = (SELECT oid FROM mine)) AS owns_tables, \
         (SELECT string_agg(relname, ', ' ORDER BY relname) FROM tables \
           WHERE NOT (relrowsecurity AND relforcerowsecurity) \
           AND relname <> ALL (string_to_array($1, ','))) AS unprotected, \
         (SELECT rolsuper OR rolbypassrls FROM login) OR EXISTS (SELECT 1 FROM tables \
           WHERE relowner = (SELECT oid FROM login)) AS login_is_owner";
    let backend = readers.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [PUBLIC.join(",").into()]);
    let standing = Standing::find_by_statement(statement).one(readers).await?;
    let standing = standing.ok_or_else(|| DbErr::RecordNotFound("the server's role".into()))?;
    if standing.sees_all || standing.owns_tables {
        return Err(ConnectError::RoleTooMighty(standing.reads_as));
    }
    if let Some(tables) = standing.unprotected {
        return Err(ConnectError::Unprotected(tables));
    }
    if standing.login_is_owner {
        if config.require_application_role {
            return Err(ConnectError::LoginTooMighty(standing.login));
        }
        tracing::warn!(
            login = standing.login,
            "the server logs in to PostgreSQL as the owner of its tables or as a superuser; \
             set database.owner_url and give database.url a role of its own"
        );
    }
    Ok(())
}

/// Tables that hold nothing about conversations, notifications or devices: everybody's to read.
const PUBLIC: &[&str] = &["users", "follows", "seaql_migrations", "database_epoch"];
