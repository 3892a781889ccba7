//! Devices that want to be woken.

use entity::device;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};

use super::{Reader, Storage, StorageError, Tx};
use crate::domain::{Device, DeviceId, Timestamp, UserId};

/// Devices of one user.
const DEVICES_OF_USER: u64 = 20;

/// A device about to be registered.
#[derive(Clone, Debug)]
pub struct NewDevice {
    pub user: UserId,
    pub token: String,
    pub platform: String,
    pub name: Option<String>,
}

impl Storage {
    /// Registers a device. A token names one device: whoever registers it last has it. The one that
    /// was registered longest ago makes room.
    pub async fn put_device(
        &self,
        tx: &Tx,
        new: NewDevice,
        at: Timestamp,
    ) -> Result<Device, StorageError> {
        let backend = tx.get_database_backend();
        let user = new.user;
        let sql = "INSERT INTO devices (user_id, token, platform, name, created_at, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (token) DO UPDATE SET \
                   user_id = excluded.user_id, platform = excluded.platform, \
                   name = excluded.name, updated_at = excluded.updated_at, \
                   created_at = CASE WHEN devices.user_id = excluded.user_id \
                   THEN devices.created_at ELSE excluded.created_at END RETURNING *";
        let values = [
            user.0.into(),
            new.token.into(),
            new.platform.into(),
            new.name.into(),
            at.into(),
            at.into(),
        ];
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let row = device::Entity::find().from_raw_sql(statement).one(tx).await?;
        let row = row.ok_or_else(|| sea_orm::DbErr::RecordNotInserted)?;
        let sql = "DELETE FROM devices WHERE user_id = $1 AND id NOT IN (\
                   SELECT id FROM devices WHERE user_id = $2 \
                   ORDER BY updated_at DESC, id DESC LIMIT $3)";
        let most = i64::try_from(DEVICES_OF_USER).unwrap_or(i64::MAX);
        let values = [user.0.into(), user.0.into(), most.into()];
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(row.into())
    }

    /// `false` if it is not a device of the user.
    pub async fn remove_device(
        &self,
        tx: &Tx,
        user: UserId,
        id: DeviceId,
    ) -> Result<bool, StorageError> {
        let removed = device::Entity::delete_many()
            .filter(device::Column::Id.eq(id.0))
            .filter(device::Column::UserId.eq(user.0))
            .exec(tx)
            .await?;
        Ok(removed.rows_affected > 0)
    }
}

impl Reader {
    /// The devices of a user, the one registered last first.
    pub async fn devices(&self, user: UserId) -> Result<Vec<Device>, StorageError> {
        let rows = device::Entity::find()
            .filter(device::Column::UserId.eq(user.0))
            .order_by_desc(device::Column::UpdatedAt)
            .order_by_desc(device::Column::Id)
            .limit(DEVICES_OF_USER)
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(Device::from).collect())
    }
}

impl From<device::Model> for Device {
    fn from(row: device::Model) -> Self {
        Self {
            id: DeviceId(row.id),
            token: row.token,
            platform: row.platform,
            name: row.name,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
