//! Table `notifications`: what people are told of.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    pub actor_id: Option<i64>,
    pub verb: String,
    /// The message it is about; its text is read from there, so that it goes when the message goes.
    pub message_id: Option<Uuid>,
    /// A text of its own, for verbs that imply none.
    pub text: Option<String>,
    /// JSON: what else belongs to the verb.
    pub payload: Option<String>,
    pub is_read: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
