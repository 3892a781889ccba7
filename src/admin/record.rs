//! The record of what administrators do: written, and read.

use super::AdminError;
use crate::{
    actors::Services,
    commands::{Command, RecordAccess},
    domain::{AdminAccess, AdminAction, Person},
    storage::AuditFilter,
};

/// Writes down what `admin` is about to look at. What is not written down is not shown.
pub(super) async fn write(
    services: &Services,
    admin: &Person,
    action: AdminAction,
) -> Result<(), AdminError> {
    log(admin, &action);
    let command = Command::RecordAccess(RecordAccess { admin: admin.id, action });
    services.execute(command, admin.id).await?;
    Ok(())
}

pub(super) fn log(admin: &Person, action: &AdminAction) {
    tracing::info!(
        admin = admin.id.0,
        action = action.name(),
        user = action.user().map(|user| user.0),
        conversation = action.conversation().map(|id| tracing::field::display(id.0)),
        message = action.message().map(|id| tracing::field::display(id.0)),
        "an administrator's access"
    );
}

/// Lines of the record, newest first.
pub async fn record(
    services: &Services,
    admin: &Person,
    filter: AuditFilter,
    limit: u64,
) -> Result<Vec<AdminAccess>, AdminError> {
    tracing::info!(admin = admin.id.0, action = "view_record", "an administrator's access");
    Ok(services.storage().read_everything().await?.accesses(filter, limit).await?)
}
