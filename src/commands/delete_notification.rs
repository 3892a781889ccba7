//! Remove one of one's own notifications.

use super::CommandError;
use crate::{
    domain::{NotificationId, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Copy, Debug)]
pub struct DeleteNotification {
    pub user: UserId,
    pub notification: NotificationId,
}

/// It is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationDeleted {
    pub user: UserId,
    pub was_unread: bool,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    delete: &DeleteNotification,
) -> Result<Result<NotificationDeleted, CommandError>, StorageError> {
    let DeleteNotification { user, notification } = *delete;
    let deleted = storage.delete_notification(tx, user, notification).await?;
    Ok(deleted
        .map(|was_unread| NotificationDeleted { user, was_unread })
        .ok_or(CommandError::NotificationNotFound))
}
