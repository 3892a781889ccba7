//! What administrators have looked at and done.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, string_len, string_len_null, timestamp_with_time_zone,
        uuid_null,
    },
    sea_orm::DbBackend,
};

use crate::m20261124_000003_row_security::protect;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // No foreign keys: what was done stays known, whatever becomes of what it was done to.
        manager
            .create_table(
                Table::create()
                    .table("admin_audit")
                    .col(
                        ColumnDef::new("id")
                            .big_integer()
                            .not_null()
                            .auto_increment()
                            .primary_key(),
                    )
                    .col(big_integer("admin_id"))
                    .col(string_len("action", 40))
                    .col(big_integer_null("user_id"))
                    .col(uuid_null("conversation_id"))
                    .col(uuid_null("message_id"))
                    .col(string_len_null("note", 200))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        for index in [
            "CREATE INDEX admin_audit_admin ON admin_audit (admin_id, id)",
            "CREATE INDEX admin_audit_user ON admin_audit (user_id, id) WHERE user_id IS NOT NULL",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(&protect("admin_audit", None)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("admin_audit").to_owned()).await
    }
}
