//! Mark notifications as read.

use super::{Audience, CommandError, Post};
use crate::{
    domain::{NotificationId, Timestamp, UserId},
    protocol::{Frames, NotificationEvent, Stamp},
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
    /// How many are unread now.
    pub unread: u64,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    read: &ReadNotifications,
    now: Timestamp,
) -> Result<Result<NotificationsRead, CommandError>, StorageError> {
    let ReadNotifications { reader, only } = *read;
    let marked = storage.mark_notifications_read(tx, reader, only, now).await?;
    let unread = storage.unread_notifications_in(tx, reader).await?;
    Ok(marked
        .map(|newly_read| NotificationsRead { reader, only, newly_read, unread })
        .ok_or(CommandError::NotificationNotFound))
}

/// The reader's connections hear the new count and what was marked; a mark that changed nothing is
/// passed over, except that marking everything is always answered.
pub(super) fn tell(read: &NotificationsRead, post: &mut dyn Post) {
    if read.only.is_some() && read.newly_read == 0 {
        return;
    }
    let timestamp = Stamp(post.now());
    let marked = match read.only {
        Some(id) => NotificationEvent::NotificationMarkedRead { notification_id: id.0, timestamp },
        None => NotificationEvent::AllNotificationsMarkedRead {
            updated_count: read.newly_read,
            timestamp,
        },
    };
    for event in [NotificationEvent::UnreadCount { count: read.unread, timestamp }, marked] {
        post.to_user(read.reader, Audience::Notifications, &Frames::from(event));
    }
    post.unread_changed(read.reader);
}
