//! Stop following somebody. He is not told.

use super::{CommandError, follow_user::target};
use crate::{
    domain::{Person, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct UnfollowUser {
    pub follower: Person,
    pub followed: UserId,
}

/// The follower does not follow now, whether or not he did before.
#[derive(Clone, Debug)]
pub struct Unfollowed {
    pub followed: Person,
    pub was_following: bool,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    command: &UnfollowUser,
) -> Result<Result<Unfollowed, CommandError>, StorageError> {
    let follower = &command.follower;
    let followed = match target(storage, tx, follower, command.followed).await? {
        Ok(followed) => followed,
        Err(error) => return Ok(Err(error)),
    };
    let was_following = storage.delete_follow(tx, follower.id, followed.id).await?;
    Ok(Ok(Unfollowed { followed, was_following }))
}
