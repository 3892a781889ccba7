//! Take a conversation out of one's own list, until something new happens in it.

use super::CommandError;
use crate::{
    domain::{ConversationId, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Copy, Debug)]
pub struct HideConversation {
    pub member: UserId,
    pub conversation: ConversationId,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    hide: &HideConversation,
) -> Result<Result<(), CommandError>, StorageError> {
    let found = storage.conversation_in(tx, hide.conversation, hide.member).await?;
    let Some(conversation) = found else { return Ok(Err(CommandError::ConversationNotFound)) };
    storage.hide_conversation(tx, conversation.id, hide.member, conversation.last_seq).await?;
    Ok(Ok(()))
}
