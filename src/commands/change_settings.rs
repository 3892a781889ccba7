//! Change what one wants to be told of.

use serde_json::{Map, Value};

use super::CommandError;
use crate::{
    domain::{NotificationSettings, Timestamp, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct ChangeSettings {
    pub user: UserId,
    /// Fields that are null are removed.
    pub changes: Map<String, Value>,
}

/// The settings as they are now.
pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    change: &ChangeSettings,
    now: Timestamp,
) -> Result<Result<NotificationSettings, CommandError>, StorageError> {
    let before = storage.own_settings_in(tx, change.user).await?;
    let Ok(after) = before.clone().merge(&change.changes) else {
        return Ok(Err(CommandError::SettingsTooLarge));
    };
    if after != before {
        storage.put_settings(tx, change.user, &after, now).await?;
    }
    Ok(Ok(after))
}
