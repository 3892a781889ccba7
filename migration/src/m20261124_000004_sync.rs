//! Catching up: the identity of the database, and numbers for what one member deleted for himself.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, string_len, uuid_null},
};
use uuid::Uuid;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        manager
            .create_table(
                Table::create()
                    .table("database_epoch")
                    .col(big_integer("id").primary_key())
                    .col(string_len("epoch", 36))
                    .to_owned(),
            )
            .await?;
        let epoch = Uuid::new_v4();
        let first = format!("INSERT INTO database_epoch (id, epoch) VALUES (1, '{epoch}')");
        connection.execute_unprepared(&first).await?;

        // Not required, so that a server of the version before can go on beside this one.
        for column in [uuid_null("conversation_id"), big_integer("rev").default(0).to_owned()] {
            manager
                .alter_table(Table::alter().table("message_hidden").add_column(column).to_owned())
                .await?;
        }
        for sql in [
            "UPDATE message_hidden SET conversation_id = (SELECT m.conversation_id \
             FROM messages m WHERE m.id = message_hidden.message_id)",
            "CREATE INDEX message_hidden_rev ON message_hidden (user_id, conversation_id, rev)",
            // The new index begins with the same column.
            "DROP INDEX message_hidden_user",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX message_hidden_user ON message_hidden (user_id)",
            "DROP INDEX message_hidden_rev",
            "ALTER TABLE message_hidden DROP COLUMN rev",
            "ALTER TABLE message_hidden DROP COLUMN conversation_id",
            "DROP TABLE database_epoch",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
