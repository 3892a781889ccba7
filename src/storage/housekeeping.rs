//! Taking away what nobody needs any more, a little at a time.

use entity::{notification, ws_ticket};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Storage, StorageError};
use crate::domain::{NotificationId, Timestamp};

impl Storage {
    /// Looks at the next `window` notifications after one and removes those that are read and older
    /// than `older_than`. Where to go on; `None` when the rest is younger.
    ///
    /// By windows of ids, so that each step costs the same however much has been kept because nobody
    /// has read it.
    pub async fn purge_notifications(
        &self,
        after: NotificationId,
        older_than: Timestamp,
        window: u64,
    ) -> Result<Option<NotificationId>, StorageError> {
        self.write_tx(move |tx| {
            Box::pin(async move {
                let looked_at: Vec<(i64, Timestamp)> = notification::Entity::find()
                    .select_only()
                    .columns([notification::Column::Id, notification::Column::CreatedAt])
                    .filter(notification::Column::Id.gt(after.0))
                    .order_by_asc(notification::Column::Id)
                    .limit(window)
                    .into_tuple()
                    .all(tx)
                    .await?;
                let old = looked_at.iter().rev().find(|(_, created_at)| *created_at < older_than);
                let Some((last, _)) = old else { return Ok(None) };
                notification::Entity::delete_many()
                    .filter(notification::Column::Id.gt(after.0))
                    .filter(notification::Column::Id.lte(*last))
                    .filter(notification::Column::IsRead.eq(true))
                    .filter(notification::Column::CreatedAt.lt(older_than))
                    .exec(tx)
                    .await?;
                Ok(Some(NotificationId(*last)))
            })
        })
        .await
    }

    /// Removes tickets nobody has used in time.
    pub async fn purge_tickets(&self, now: Timestamp) -> Result<(), StorageError> {
        self.write_tx(move |tx| {
            Box::pin(async move {
                ws_ticket::Entity::delete_many()
                    .filter(ws_ticket::Column::ExpiresAt.lte(now))
                    .exec(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
