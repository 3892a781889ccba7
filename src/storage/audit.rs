//! The record of what administrators do.

use entity::admin_access;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{Reader, Storage, StorageError, Tx};
use crate::domain::{AdminAccess, AdminAction, ConversationId, MessageId, Timestamp, UserId};

/// Which lines of the record to list, newest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditFilter {
    pub admin: Option<UserId>,
    /// Whom it was about.
    pub user: Option<UserId>,
    /// Lines older than this one.
    pub before: Option<i64>,
}

impl Storage {
    pub async fn record_access(
        &self,
        tx: &Tx,
        admin: UserId,
        action: &AdminAction,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let row = admin_access::ActiveModel {
            admin_id: Set(admin.0),
            action: Set(action.name().to_owned()),
            user_id: Set(action.user().map(|user| user.0)),
            conversation_id: Set(action.conversation().map(|id| id.0)),
            message_id: Set(action.message().map(|id| id.0)),
            note: Set(action.note().map(ToOwned::to_owned)),
            created_at: Set(at),
            ..Default::default()
        };
        row.insert(tx).await?;
        Ok(())
    }
}

impl Reader {
    pub async fn accesses(
        &self,
        filter: AuditFilter,
        limit: u64,
    ) -> Result<Vec<AdminAccess>, StorageError> {
        let mut select =
            admin_access::Entity::find().order_by_desc(admin_access::Column::Id).limit(limit);
        if let Some(admin) = filter.admin {
            select = select.filter(admin_access::Column::AdminId.eq(admin.0));
        }
        if let Some(user) = filter.user {
            select = select.filter(admin_access::Column::UserId.eq(user.0));
        }
        if let Some(before) = filter.before {
            select = select.filter(admin_access::Column::Id.lt(before));
        }
        let rows = select.all(self.connection()).await?;
        Ok(rows.into_iter().map(AdminAccess::from).collect())
    }
}

impl From<admin_access::Model> for AdminAccess {
    fn from(row: admin_access::Model) -> Self {
        Self {
            id: row.id,
            admin: UserId(row.admin_id),
            action: row.action,
            user: row.user_id.map(UserId),
            conversation: row.conversation_id.map(ConversationId),
            message: row.message_id.map(MessageId),
            note: row.note,
            at: row.created_at,
        }
    }
}
