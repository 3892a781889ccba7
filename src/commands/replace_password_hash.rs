//! Replace an outdated password hash after a login has shown the password.

use crate::{
    domain::UserId,
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone)]
pub struct ReplacePasswordHash {
    pub user: UserId,
    pub hash: String,
}

impl std::fmt::Debug for ReplacePasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplacePasswordHash").field("user", &self.user).finish_non_exhaustive()
    }
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    replace: &ReplacePasswordHash,
) -> Result<(), StorageError> {
    storage.set_password_hash(tx, replace.user, replace.hash.clone()).await
}
