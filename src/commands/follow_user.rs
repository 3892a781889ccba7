//! Follow somebody, who is told of it.

use super::{
    Audience, CommandError, Post,
    notify::{self, notify},
};
use crate::{
    domain::{Cause, Follow, Notice, Notification, Person, Timestamp, UserId},
    protocol::{Frames, NotificationEvent},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct FollowUser {
    pub follower: Person,
    pub followed: UserId,
}

/// The follower follows now, whether or not he did before.
#[derive(Clone, Debug)]
pub struct Followed {
    pub follow: Follow,
    pub was_following: bool,
    /// What the followed person is told; `None` if he has been told before.
    pub notification: Option<Notification>,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    command: &FollowUser,
    now: Timestamp,
) -> Result<Result<Followed, CommandError>, StorageError> {
    let follower = &command.follower;
    let followed = match target(storage, tx, follower, command.followed).await? {
        Ok(followed) => followed,
        Err(error) => return Ok(Err(error)),
    };
    let is_new = storage.insert_follow(tx, follower.id, followed.id, now).await?;
    let notification = if is_new {
        let notice = Notice {
            recipient: followed.clone(),
            actor: Some(follower.clone()),
            cause: Cause::Follow,
        };
        notify(storage, tx, [notice], now).await?.pop().flatten()
    } else {
        None
    };
    let Some(follow) = storage.follow_in(tx, follower, &followed).await? else {
        return Ok(Err(CommandError::Internal));
    };
    Ok(Ok(Followed { follow, was_following: !is_new, notification }))
}

/// The followed person hears of it at once, the first time.
pub(super) fn tell(followed: &Followed, post: &mut dyn Post) {
    let Some(notification) = &followed.notification else { return };
    tell_once(notification, Some(&followed.follow), post);
}

/// A notification, and the follow it tells of if it is of one.
pub(super) fn tell_once(notification: &Notification, follow: Option<&Follow>, post: &mut dyn Post) {
    if !post.is_untold(notification.notice.recipient.id, notification.id) {
        return;
    }
    if let Some(follow) = follow {
        let frames = Frames::from(NotificationEvent::follow(follow));
        post.to_user(follow.followed.id, Audience::Messaging, &frames);
    }
    notify::tell_untold(notification, post);
}

/// The active person who is to be followed, or not any more.
pub(super) async fn target(
    storage: &Storage,
    tx: &Tx,
    follower: &Person,
    followed: UserId,
) -> Result<Result<Person, CommandError>, StorageError> {
    if followed == follower.id {
        return Ok(Err(CommandError::SelfFollow));
    }
    let person = storage.people_in(tx, [followed]).await?.remove(&followed);
    Ok(person.filter(|person| person.is_active).ok_or(CommandError::RecipientNotFound))
}
