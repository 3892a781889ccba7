//! Remember when somebody was last here.

use crate::{
    domain::{Timestamp, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Copy, Debug)]
pub struct RecordLastActive {
    pub user: UserId,
    pub at: Timestamp,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    record: &RecordLastActive,
) -> Result<(), StorageError> {
    storage.set_last_active(tx, record.user, record.at).await
}
