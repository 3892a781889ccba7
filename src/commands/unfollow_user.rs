//! Stop following somebody. He is not told.

use super::{CommandError, follow_user::target};
use crate::{
    domain::{FollowStats, Person, UserId},
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
    /// How the person stands now, in the eyes of the former follower.
    pub stats: FollowStats,
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
    let stats = storage.follow_stats_in(tx, [followed.id], Some(follower.id)).await?;
    let stats = stats.get(&followed.id).copied().unwrap_or_default();
    Ok(Ok(Unfollowed { followed, was_following, stats }))
}
