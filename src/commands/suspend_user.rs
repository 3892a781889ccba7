//! Let a user in, or no longer, as an administrator.

use super::CommandError;
use crate::{
    domain::{AdminAction, Person, Timestamp, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct SuspendUser {
    pub admin: Person,
    pub user: UserId,
    pub is_active: bool,
}

/// Nobody suspends himself, and only a superuser another administrator.
pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    suspend: &SuspendUser,
    now: Timestamp,
) -> Result<Result<(), CommandError>, StorageError> {
    let SuspendUser { admin, user, is_active } = suspend;
    let Some(person) = storage.people_in(tx, [*user]).await?.remove(user) else {
        return Ok(Err(CommandError::RecipientNotFound));
    };
    if person.id == admin.id {
        return Ok(Err(CommandError::SelfSuspension));
    }
    if (person.is_staff || person.is_superuser) && !admin.is_superuser {
        return Ok(Err(CommandError::NotPermitted));
    }
    let action = if *is_active {
        AdminAction::ActivateUser(*user)
    } else {
        AdminAction::DeactivateUser(*user)
    };
    storage.record_access(tx, admin.id, &action, now).await?;
    storage.set_user_active(tx, *user, *is_active).await?;
    storage.drop_tickets(tx, *user).await?;
    Ok(Ok(()))
}
