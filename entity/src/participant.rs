//! Table `participants`: who belongs to a conversation, and how far each has received and read.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    pub role: String,
    pub joined_at: DateTimeUtc,
    pub history_from_seq: i64,
    pub read_seq: i64,
    pub read_at: Option<DateTimeUtc>,
    pub delivered_seq: i64,
    pub delivered_at: Option<DateTimeUtc>,
    /// The conversation is hidden from this member's list while `last_seq` is not above it.
    pub hidden_through_seq: Option<i64>,
    pub left_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
