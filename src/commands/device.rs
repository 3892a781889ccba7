//! Register a device that wants to be woken, and remove it.

use super::CommandError;
use crate::{
    domain::{Device, DeviceId, Timestamp, UserId},
    storage::{NewDevice, Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct RegisterDevice(pub NewDevice);

#[derive(Clone, Copy, Debug)]
pub struct RemoveDevice {
    pub user: UserId,
    pub device: DeviceId,
}

pub(super) async fn register(
    storage: &Storage,
    tx: &Tx,
    register: &RegisterDevice,
    now: Timestamp,
) -> Result<Device, StorageError> {
    storage.put_device(tx, register.0.clone(), now).await
}

pub(super) async fn remove(
    storage: &Storage,
    tx: &Tx,
    remove: RemoveDevice,
) -> Result<Result<(), CommandError>, StorageError> {
    let found = storage.remove_device(tx, remove.user, remove.device).await?;
    Ok(if found { Ok(()) } else { Err(CommandError::DeviceNotFound) })
}
