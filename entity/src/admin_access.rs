//! Table `admin_audit`: what administrators have looked at and done.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "admin_audit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub admin_id: i64,
    pub action: String,
    /// Whom it was about.
    pub user_id: Option<i64>,
    pub conversation_id: Option<Uuid>,
    pub message_id: Option<Uuid>,
    /// What was searched for.
    pub note: Option<String>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
