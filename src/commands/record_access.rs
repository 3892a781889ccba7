//! Write down what an administrator is about to look at.

use super::CommandError;
use crate::{
    domain::{AdminAction, Timestamp, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct RecordAccess {
    pub admin: UserId,
    pub action: AdminAction,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    record: &RecordAccess,
    now: Timestamp,
) -> Result<Result<(), CommandError>, StorageError> {
    storage.record_access(tx, record.admin, &record.action, now).await?;
    Ok(Ok(()))
}
