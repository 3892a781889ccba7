//! Delete anybody's message for everybody, as an administrator.

use super::{CommandError, Deleted, DeletedFor};
use crate::{
    domain::{AdminAction, MessageId, Timestamp, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Copy, Debug)]
pub struct ModerateMessage {
    pub admin: UserId,
    pub message: MessageId,
}

/// `None` when the message was deleted before: nobody has to be told again.
pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    moderate: &ModerateMessage,
    now: Timestamp,
) -> Result<Result<Option<Deleted>, CommandError>, StorageError> {
    let ModerateMessage { admin, message: id } = *moderate;
    let Some(message) = storage.messages_by_id(tx, [id]).await?.remove(&id) else {
        return Ok(Err(CommandError::MessageNotFound));
    };
    let (conversation, author) = (message.conversation, message.sender);
    let action = AdminAction::DeleteMessage { message: id, conversation, author };
    storage.record_access(tx, admin, &action, now).await?;
    if message.deleted_at.is_some() {
        return Ok(Ok(None));
    }
    let rev = storage.take_rev(tx, conversation, now).await?;
    storage.delete_message(tx, id, admin, rev, now).await?;
    let members = storage.members_in(tx, conversation).await?;
    let for_whom = DeletedFor::Everybody;
    Ok(Ok(Some(Deleted { message: id, conversation, members, rev, for_whom })))
}
