//! Who follows whom, and what people are told of.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, string_len, string_len_null, text_null,
        timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("follows")
                    .col(uuid("id").primary_key())
                    .col(big_integer("follower_id"))
                    .col(big_integer("followed_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("read_at"))
                    .foreign_key(&mut reference("follows", "follower_id"))
                    .foreign_key(&mut reference("follows", "followed_id"))
                    .check(Expr::col("follower_id").ne(Expr::col("followed_id")))
                    .to_owned(),
            )
            .await?;
        // Each answers a count by itself, and a list in its order.
        for index in [
            "CREATE UNIQUE INDEX follows_pair ON follows (follower_id, followed_id)",
            "CREATE INDEX follows_following ON follows (follower_id, created_at, id)",
            "CREATE INDEX follows_followers ON follows (followed_id, created_at, id)",
            "CREATE INDEX follows_unread ON follows (followed_id) WHERE read_at IS NULL",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }

        // No foreign keys: one is written with every message, by a transaction that has just looked
        // its people and its message up, and rows of either are never removed.
        manager
            .create_table(
                Table::create()
                    .table("notifications")
                    .col(big_pk_auto("id"))
                    .col(big_integer("user_id"))
                    .col(big_integer_null("actor_id"))
                    .col(string_len("verb", 50))
                    .col(uuid_null("message_id"))
                    .col(string_len_null("text", 200))
                    .col(text_null("payload"))
                    .col(boolean("is_read").default(false))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .to_owned(),
            )
            .await?;
        for index in [
            "CREATE INDEX notifications_user ON notifications (user_id, id)",
            // Small however much has been read: answers counts of what is unread.
            "CREATE INDEX notifications_unread ON notifications (user_id, id) WHERE NOT is_read",
            // Following, unfollowing and following again is told once.
            "CREATE UNIQUE INDEX notifications_follow ON notifications (user_id, actor_id) \
             WHERE verb = 'follow'",
            // Public profiles are found whatever the case of their name.
            "CREATE INDEX users_username_lower ON users (lower(username))",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX users_username_lower").await?;
        for table in ["notifications", "follows"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn big_pk_auto(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().auto_increment().primary_key().to_owned()
}

fn reference(table: &'static str, column: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, column).to("users", "id").to_owned()
}
