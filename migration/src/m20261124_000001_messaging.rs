//! Users, conversations, participants, messages and what hangs on a message.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, string_len, string_len_null, text, text_null,
        timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let now = || Expr::current_timestamp();
        manager
            .create_table(
                Table::create()
                    .table("users")
                    .col(big_pk_auto("id"))
                    .col(string_len("username", 150).unique_key())
                    .col(string_len("first_name", 150).default(""))
                    .col(string_len("last_name", 150).default(""))
                    .col(string_len_null("email", 254))
                    .col(text_null("avatar_url"))
                    .col(string_len("user_type", 20).default("client"))
                    .col(text_null("password_hash"))
                    .col(boolean("is_staff").default(false))
                    .col(boolean("is_superuser").default(false))
                    .col(boolean("is_active").default(true))
                    .col(timestamp_with_time_zone("date_joined").default(now()))
                    .col(timestamp_with_time_zone_null("last_active_at"))
                    .to_owned(),
            )
            .await?;
        // An e-mail address may stand in for the user name at login, whatever its case.
        manager
            .get_connection()
            .execute_unprepared("CREATE INDEX users_email_lower ON users (lower(email))")
            .await?;

        // Asked every second, so that a deactivated user's connections end soon.
        manager
            .get_connection()
            .execute_unprepared("CREATE INDEX users_inactive ON users (id) WHERE NOT is_active")
            .await?;

        manager
            .create_table(
                Table::create()
                    .table("conversations")
                    .col(uuid("id").primary_key())
                    .col(string_len("kind", 10))
                    .col(string_len_null("direct_key", 41).unique_key())
                    .col(big_integer("last_seq").default(0))
                    .col(big_integer("rev").default(0))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(timestamp_with_time_zone_null("last_message_at"))
                    .to_owned(),
            )
            .await?;

        manager
            .create_table(
                Table::create()
                    .table("participants")
                    .col(uuid("conversation_id"))
                    .col(big_integer("user_id"))
                    .col(string_len("role", 10).default("member"))
                    .col(timestamp_with_time_zone("joined_at"))
                    .col(big_integer("history_from_seq").default(0))
                    .col(big_integer("read_seq").default(0))
                    .col(timestamp_with_time_zone_null("read_at"))
                    .col(big_integer("delivered_seq").default(0))
                    .col(timestamp_with_time_zone_null("delivered_at"))
                    .col(big_integer_null("hidden_through_seq"))
                    .col(timestamp_with_time_zone_null("left_at"))
                    .primary_key(Index::create().col("conversation_id").col("user_id"))
                    .foreign_key(&mut reference("participants", "conversation_id", "conversations"))
                    .foreign_key(&mut reference("participants", "user_id", "users"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("participants_user", "participants", &["user_id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("messages")
                    .col(uuid("id").primary_key())
                    .col(uuid("conversation_id"))
                    .col(big_integer("seq"))
                    .col(big_integer("rev"))
                    .col(big_integer("sender_id"))
                    .col(big_integer_null("recipient_id"))
                    .col(string_len_null("client_id", 64))
                    .col(text("content"))
                    .col(uuid_null("reply_to_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("edited_at"))
                    .col(timestamp_with_time_zone_null("deleted_at"))
                    .col(big_integer_null("deleted_by"))
                    // The database itself refuses a message by somebody who is not a participant.
                    .foreign_key(
                        ForeignKey::create()
                            .from_tbl("messages")
                            .from_col("conversation_id")
                            .from_col("sender_id")
                            .to_tbl("participants")
                            .to_col("conversation_id")
                            .to_col("user_id"),
                    )
                    .foreign_key(&mut reference("messages", "reply_to_id", "messages"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                index("messages_seq", "messages", &["conversation_id", "seq"]).unique().to_owned(),
            )
            .await?;
        manager
            .create_index(index("messages_rev", "messages", &["conversation_id", "rev"]))
            .await?;
        // Partial, because most of the old clients' messages carry no client id.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE UNIQUE INDEX messages_client_id ON messages (sender_id, client_id) \
                 WHERE client_id IS NOT NULL",
            )
            .await?;

        // Few rows: how many messages are gone is counted without reading those that are there.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE INDEX messages_deleted ON messages (conversation_id, seq) \
                 WHERE deleted_at IS NOT NULL",
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("message_edits")
                    .col(uuid("message_id"))
                    .col(big_integer("rev"))
                    .col(text("old_content"))
                    .col(timestamp_with_time_zone("edited_at"))
                    .primary_key(Index::create().col("message_id").col("rev"))
                    .foreign_key(&mut reference("message_edits", "message_id", "messages"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("message_hidden")
                    .col(uuid("message_id"))
                    .col(big_integer("user_id"))
                    .primary_key(Index::create().col("message_id").col("user_id"))
                    .foreign_key(&mut reference("message_hidden", "message_id", "messages"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("message_hidden_user", "message_hidden", &["user_id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("reactions")
                    .col(uuid("message_id"))
                    .col(big_integer("user_id"))
                    .col(string_len("reaction", 40))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("message_id").col("user_id"))
                    .foreign_key(&mut reference("reactions", "message_id", "messages"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("rest_echoes")
                    .col(uuid("message_id").primary_key())
                    .col(big_integer("sender_id"))
                    .col(uuid("conversation_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut reference("rest_echoes", "message_id", "messages"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("rest_echoes_sender", "rest_echoes", &["sender_id", "created_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "rest_echoes",
            "reactions",
            "message_hidden",
            "message_edits",
            "messages",
            "participants",
            "conversations",
            "users",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn big_pk_auto(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().auto_increment().primary_key().to_owned()
}

fn reference(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, column).to(target, "id").to_owned()
}

fn index(
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}
