//! Let a user in, or no longer: whoever is deactivated loses his connections within two seconds.

use super::CommandError;
use crate::storage::{Storage, StorageError, Tx};

#[derive(Clone, Debug)]
pub struct SetActive {
    pub username: String,
    pub is_active: bool,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    set: &SetActive,
) -> Result<Result<(), CommandError>, StorageError> {
    let found = storage.set_active(tx, &set.username, set.is_active).await?;
    Ok(if found { Ok(()) } else { Err(CommandError::RecipientNotFound) })
}
