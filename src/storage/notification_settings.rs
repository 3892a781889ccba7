//! What people want to be told of.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use entity::notification_setting;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};

use super::{Reader, Storage, StorageError, Tx};
use crate::domain::{NotificationSettings, Timestamp, UserId};

impl Storage {
    /// The settings of these people, as known a moment ago; somebody without any has the default.
    pub async fn settings_in(
        &self,
        tx: &Tx,
        users: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, Arc<NotificationSettings>>, StorageError> {
        let mut found = HashMap::new();
        let mut missing = HashSet::new();
        for user in users {
            match self.0.settings.get(&user) {
                Some(settings) => drop(found.insert(user, settings)),
                None => drop(missing.insert(user)),
            }
        }
        if !missing.is_empty() {
            let mut stored = stored(tx, missing.iter().copied()).await?;
            for user in missing {
                let settings = Arc::new(stored.remove(&user).unwrap_or_default());
                self.0.settings.insert(user, settings.clone());
                found.insert(user, settings);
            }
        }
        Ok(found)
    }

    /// The settings of one user as they stand in the transaction.
    pub async fn own_settings_in(
        &self,
        tx: &Tx,
        user: UserId,
    ) -> Result<NotificationSettings, StorageError> {
        Ok(stored(tx, [user]).await?.remove(&user).unwrap_or_default())
    }

    pub async fn put_settings(
        &self,
        tx: &Tx,
        user: UserId,
        settings: &NotificationSettings,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let row = notification_setting::ActiveModel {
            user_id: Set(user.0),
            settings: Set(settings.to_json()),
            updated_at: Set(at),
        };
        let replace = OnConflict::column(notification_setting::Column::UserId)
            .update_columns([
                notification_setting::Column::Settings,
                notification_setting::Column::UpdatedAt,
            ])
            .to_owned();
        notification_setting::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(tx)
            .await?;
        self.0.settings.insert(user, Arc::new(settings.clone()));
        Ok(())
    }
}

impl Reader {
    pub async fn settings(&self, user: UserId) -> Result<NotificationSettings, StorageError> {
        Ok(stored(self.connection(), [user]).await?.remove(&user).unwrap_or_default())
    }
}

async fn stored(
    connection: &impl ConnectionTrait,
    users: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, NotificationSettings>, StorageError> {
    let users = users.into_iter().map(|user| user.0);
    let rows = notification_setting::Entity::find()
        .filter(notification_setting::Column::UserId.is_in(users))
        .all(connection)
        .await?;
    let settings = rows
        .into_iter()
        .map(|row| (UserId(row.user_id), NotificationSettings::from_json(&row.settings)));
    Ok(settings.collect())
}
