//! Devices that want to be woken, and what their owners want to be told of.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, string_len, string_len_null, text, timestamp_with_time_zone},
    sea_orm::DbBackend,
};

use crate::m20261124_000003_row_security::protect;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const OWN: &str = "user_id = (SELECT app_user_id())";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("devices")
                    .col(
                        ColumnDef::new("id")
                            .big_integer()
                            .not_null()
                            .auto_increment()
                            .primary_key(),
                    )
                    .col(big_integer("user_id"))
                    .col(string_len("token", 512))
                    .col(string_len("platform", 20))
                    .col(string_len_null("name", 100))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("notification_settings")
                    .col(big_integer("user_id").primary_key())
                    .col(text("settings"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .to_owned(),
            )
            .await?;
        let connection = manager.get_connection();
        for index in [
            "CREATE UNIQUE INDEX devices_token ON devices (token)",
            "CREATE INDEX devices_user ON devices (user_id, updated_at)",
            // One unread notification of a reaction for each actor and message is found by it.
            "CREATE INDEX notifications_reaction ON notifications (message_id, actor_id) \
             WHERE verb = 'reaction' AND NOT is_read",
        ] {
            connection.execute_unprepared(index).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            for table in ["devices", "notification_settings"] {
                connection.execute_unprepared(&protect(table, Some(OWN))).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX notifications_reaction").await?;
        for table in ["notification_settings", "devices"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
