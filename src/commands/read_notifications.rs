//! Mark notifications as read.

use super::CommandError;
use crate::{
    domain::{NotificationId, Timestamp, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Copy, Debug)]
pub struct ReadNotifications {
    pub reader: UserId,
    /// `None` for all of them.
    pub only: Option<NotificationId>,
}

/// Nothing that was asked for is unread any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationsRead {
    pub reader: UserId,
    pub only: Option<NotificationId>,
    /// How many were unread before.
    pub newly_read: u64,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    read: &ReadNotifications,
    now: Timestamp,
) -> Result<Result<NotificationsRead, CommandError>, StorageError> {
    let ReadNotifications { reader, only } = *read;
    let marked = storage.mark_notifications_read(tx, reader, only, now).await?;
    Ok(marked
        .map(|newly_read| NotificationsRead { reader, only, newly_read })
        .ok_or(CommandError::NotificationNotFound))
}
