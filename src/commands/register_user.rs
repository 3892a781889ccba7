//! Make an account for somebody who logs in here.

use super::CommandError;
use crate::{
    domain::{Timestamp, User},
    storage::{NewUser, Storage, StorageError, Tx},
};

/// An account whose fields have been checked and whose password has been hashed.
#[derive(Clone, Debug)]
pub struct RegisterUser {
    pub username: String,
    pub email: Option<String>,
    pub first_name: String,
    pub last_name: String,
    pub user_type: String,
    pub password_hash: Option<String>,
    pub is_staff: bool,
    pub is_superuser: bool,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    register: &RegisterUser,
    now: Timestamp,
) -> Result<Result<User, CommandError>, StorageError> {
    if storage.username_exists(tx, &register.username).await? {
        return Ok(Err(CommandError::UsernameTaken));
    }
    let register = register.clone();
    let user = storage.insert_user(
        tx,
        NewUser {
            username: register.username,
            email: register.email,
            first_name: register.first_name,
            last_name: register.last_name,
            user_type: register.user_type,
            password_hash: register.password_hash,
            is_staff: register.is_staff,
            is_superuser: register.is_superuser,
            date_joined: now,
        },
    );
    Ok(Ok(user.await?))
}
