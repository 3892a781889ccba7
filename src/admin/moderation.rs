//! What administrators change. The command writes its line of the record in its own transaction.

use super::AdminError;
use crate::{
    actors::Services,
    commands::{Command, ModerateMessage, SuspendUser},
    domain::{MessageId, Person, UserId},
};

/// Deletes a message for everybody.
pub async fn delete_message(
    services: &Services,
    admin: &Person,
    message: MessageId,
) -> Result<(), AdminError> {
    tracing::info!(
        admin = admin.id.0,
        action = "delete_message",
        message = %message.0,
        "an administrator's access"
    );
    let moderate = ModerateMessage { admin: admin.id, message };
    services.execute(Command::ModerateMessage(moderate), admin.id).await?;
    Ok(())
}

/// Lets a user in, or no longer: then his connections close within two seconds.
pub async fn set_active(
    services: &Services,
    admin: &Person,
    user: UserId,
    is_active: bool,
) -> Result<(), AdminError> {
    tracing::info!(
        admin = admin.id.0,
        action = if is_active { "activate_user" } else { "deactivate_user" },
        user = user.0,
        "an administrator's access"
    );
    let suspend = SuspendUser { admin: admin.clone(), user, is_active };
    services.execute(Command::SuspendUser(suspend), admin.id).await?;
    Ok(())
}
