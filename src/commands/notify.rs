//! Note what people are to be told of, in the transaction of its cause.

use super::{Audience, Post};
use crate::{
    domain::{Notice, Notification, Timestamp},
    protocol::NotificationEvent,
    storage::{Storage, StorageError, Tx},
};

/// Stores all notices of a batch in one statement; the notification of each in their order. `None`
/// for what somebody did to himself or does not want to be told of, and for a follow he has been told
/// of before.
pub(super) async fn notify(
    storage: &Storage,
    tx: &Tx,
    notices: impl IntoIterator<Item = Notice>,
    now: Timestamp,
) -> Result<Vec<Option<Notification>>, StorageError> {
    let mut places = vec![];
    let mut wanted = vec![];
    let mut told = vec![];
    let notices: Vec<_> = notices.into_iter().collect();
    let recipients = notices.iter().map(|notice| notice.recipient.id);
    let settings = storage.settings_in(tx, recipients).await?;
    for (place, notice) in notices.into_iter().enumerate() {
        told.push(None);
        let wants = settings.get(&notice.recipient.id);
        if !notice.is_to_oneself() && wants.is_none_or(|settings| settings.allow(&notice.cause)) {
            places.push(place);
            wanted.push(notice);
        }
    }
    let stored = storage.insert_notifications(tx, wanted, now).await?;
    for (place, notification) in places.into_iter().zip(stored) {
        told[place] = notification;
    }
    Ok(told)
}

/// Whoever is to be told hears of it where he listens for notifications, once.
pub(super) fn tell(notification: &Notification, post: &mut dyn Post) {
    if post.is_untold(notification.notice.recipient.id, notification.id) {
        tell_untold(notification, post);
    }
}

/// [`tell`] of one that has not been told.
pub(super) fn tell_untold(notification: &Notification, post: &mut dyn Post) {
    let recipient = notification.notice.recipient.id;
    if post.is_connected(recipient, Audience::Notifications) {
        let frames = NotificationEvent::new_notification(notification, post.now());
        post.to_user(recipient, Audience::Notifications, &frames);
    }
    post.unread_changed(recipient);
}
