//! PostgreSQL only: the database itself shows a person no more than he may see, whatever is asked.
//! `docs/adr/0013-row-level-security.md` says how and why.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

/// Who may read what: table and condition. No condition: nobody but the writing role.
const POLICIES: &[(&str, Option<&str>)] = &[
    ("conversations", Some("is_member_of(id)")),
    // Own rows are told by the column, so that the other policies do not call the function.
    ("participants", Some("user_id = (SELECT app_user_id()) OR is_member_of(conversation_id)")),
    (
        "messages",
        Some(
            "EXISTS (SELECT 1 FROM participants p WHERE p.conversation_id = \
             messages.conversation_id AND p.user_id = (SELECT app_user_id()) AND p.left_at IS NULL)",
        ),
    ),
    ("message_hidden", Some("user_id = (SELECT app_user_id())")),
    ("reactions", Some("EXISTS (SELECT 1 FROM messages m WHERE m.id = reactions.message_id)")),
    ("notifications", Some("user_id = (SELECT app_user_id())")),
    ("message_edits", None),
    ("rest_echoes", None),
];

/// A role is shared by all databases of a server: several may make it at the same time.
const ROLES: &str = "
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['vikrahub_app', 'vikrahub_service'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT', wanted);
      EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
        WHEN insufficient_privilege THEN
          RAISE EXCEPTION 'the role % is missing and may not be made here; let an administrator run: CREATE ROLE vikrahub_app NOLOGIN; CREATE ROLE vikrahub_service NOLOGIN; GRANT vikrahub_app, vikrahub_service TO %', wanted, current_user;
      END;
    END IF;
    IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO %I', wanted, current_user);
    END IF;
  END LOOP;
END $$";

const FUNCTIONS: &str = "
DO $$
DECLARE
  home text := quote_ident(current_schema());
BEGIN
  -- Nobody in particular when nobody said who asks: after a commit the setting is an empty text.
  EXECUTE 'CREATE FUNCTION app_user_id() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS '
    || quote_literal('SELECT nullif(current_setting(''app.user_id'', true), '''')::bigint');
  -- Looks with the eyes of the writing role: a policy that reads its own table would never end.
  EXECUTE 'CREATE FUNCTION is_member_of(conversation uuid) RETURNS boolean LANGUAGE plpgsql '
    || 'STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = ' || home || ', pg_temp AS '
    || quote_literal('BEGIN RETURN EXISTS (SELECT 1 FROM participants p
       WHERE p.conversation_id = conversation AND p.user_id = app_user_id()
       AND p.left_at IS NULL); END');
  EXECUTE 'GRANT USAGE ON SCHEMA ' || home || ' TO vikrahub_app, vikrahub_service';
  EXECUTE 'GRANT CREATE ON SCHEMA ' || home || ' TO vikrahub_service';
  EXECUTE 'ALTER FUNCTION is_member_of(uuid) OWNER TO vikrahub_service';
  EXECUTE 'REVOKE CREATE ON SCHEMA ' || home || ' FROM vikrahub_service';
  EXECUTE 'REVOKE ALL ON FUNCTION is_member_of(uuid) FROM PUBLIC';
  EXECUTE 'GRANT EXECUTE ON FUNCTION is_member_of(uuid) TO vikrahub_app, vikrahub_service';
  -- Tables of later changes as well.
  EXECUTE 'GRANT SELECT ON ALL TABLES IN SCHEMA ' || home || ' TO vikrahub_app';
  EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ' || home
    || ' TO vikrahub_service';
  EXECUTE 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA ' || home || ' TO vikrahub_service';
  EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || home || ' GRANT SELECT ON TABLES TO vikrahub_app';
  EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || home
    || ' GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO vikrahub_service';
  EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || home
    || ' GRANT USAGE ON SEQUENCES TO vikrahub_service';
END $$";

const DOWN: &str = "
DO $$
DECLARE
  home text := quote_ident(current_schema());
BEGIN
  EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || home || ' REVOKE ALL ON TABLES FROM vikrahub_app, vikrahub_service';
  EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA ' || home || ' REVOKE ALL ON SEQUENCES FROM vikrahub_service';
  EXECUTE 'REVOKE ALL ON ALL TABLES IN SCHEMA ' || home || ' FROM vikrahub_app, vikrahub_service';
  EXECUTE 'REVOKE ALL ON ALL SEQUENCES IN SCHEMA ' || home || ' FROM vikrahub_service';
  EXECUTE 'REVOKE ALL ON SCHEMA ' || home || ' FROM vikrahub_app, vikrahub_service';
END $$;
DROP FUNCTION is_member_of(uuid);
DROP FUNCTION app_user_id()";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let connection = manager.get_connection();
        connection.execute_unprepared(ROLES).await?;
        connection.execute_unprepared(FUNCTIONS).await?;
        for (table, condition) in POLICIES {
            connection.execute_unprepared(&protect(table, *condition)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let connection = manager.get_connection();
        for (table, _condition) in POLICIES {
            let sql = format!(
                "DROP POLICY IF EXISTS app_reads ON {table}; \
                 DROP POLICY service_does_all ON {table}; \
                 ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; \
                 ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
            );
            connection.execute_unprepared(&sql).await?;
        }
        connection.execute_unprepared(DOWN).await?;
        Ok(())
    }
}

/// Row-level security for a table, its owner included.
pub(crate) fn protect(table: &str, condition: Option<&str>) -> String {
    let reads = condition.map_or_else(String::new, |condition| {
        format!(
            "CREATE POLICY app_reads ON {table} FOR SELECT TO vikrahub_app USING ({condition});"
        )
    });
    format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; \
         ALTER TABLE {table} FORCE ROW LEVEL SECURITY; {reads} \
         CREATE POLICY service_does_all ON {table} TO vikrahub_service USING (true) \
         WITH CHECK (true)"
    )
}
