//! Tickets that open one WebSocket each.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, string_len, timestamp_with_time_zone},
    sea_orm::DbBackend,
};

use crate::m20261124_000003_row_security::protect;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("ws_tickets")
                    // Never the ticket itself.
                    .col(string_len("hash", 64).primary_key())
                    .col(big_integer("user_id"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .to_owned(),
            )
            .await?;
        for index in [
            "CREATE INDEX ws_tickets_user ON ws_tickets (user_id, expires_at)",
            "CREATE INDEX ws_tickets_expiry ON ws_tickets (expires_at)",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(&protect("ws_tickets", None)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("ws_tickets").to_owned()).await
    }
}
