//! Devices as their owners see them.

use serde::Serialize;
use utoipa::ToSchema;

use super::Stamp;
use crate::domain::Device;

/// A device that wants to be woken.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Device)]
pub struct DeviceView<'a> {
    pub id: i64,
    pub token: &'a str,
    pub platform: &'a str,
    pub name: Option<&'a str>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
}

impl<'a> DeviceView<'a> {
    pub fn new(device: &'a Device) -> Self {
        Self {
            id: device.id.0,
            token: &device.token,
            platform: &device.platform,
            name: device.name.as_deref(),
            created_at: Stamp(device.created_at),
            updated_at: Stamp(device.updated_at),
        }
    }
}
