//! Take note of new followers.

use super::CommandError;
use crate::{
    domain::{FollowId, Timestamp, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Copy, Debug)]
pub struct ReadFollows {
    pub reader: UserId,
    /// `None` for all of them.
    pub only: Option<FollowId>,
}

/// How many had not been noted before.
pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    read: &ReadFollows,
    now: Timestamp,
) -> Result<Result<u64, CommandError>, StorageError> {
    let marked = storage.mark_follows_read(tx, read.reader, read.only, now).await?;
    Ok(marked.ok_or(CommandError::FollowNotFound))
}
