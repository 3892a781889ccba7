//! Change one's own names and picture.

use super::CommandError;
use crate::{
    domain::{Person, UserId},
    storage::{ProfileChange, Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct UpdateProfile {
    pub user: UserId,
    pub change: ProfileChange,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    update: &UpdateProfile,
) -> Result<Result<Person, CommandError>, StorageError> {
    storage.change_profile(tx, update.user, &update.change).await?;
    let person = storage.people_in(tx, [update.user]).await?.remove(&update.user);
    Ok(person.ok_or(CommandError::RecipientNotFound))
}
