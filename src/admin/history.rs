//! Conversations and messages of others.

use super::{AdminError, record::write};
use crate::{
    actors::Services,
    commands::CommandError,
    domain::{
        AdminAction, ConversationId, Edit, MessageId, ModeratedConversation, ModeratedMessage,
        Person, Seq, UserId,
    },
};

/// Texts of one message that are shown, at most.
const EDITS_MAX: u64 = 1_000;

/// A message and what it has said before.
#[derive(Clone, Debug)]
pub struct MessageWithEdits {
    pub message: ModeratedMessage,
    pub edits: Vec<Edit>,
}

/// The conversations of a user, and how many there are. For `offset` see [`super::accounts`].
pub async fn conversations<E: From<AdminError>>(
    services: &Services,
    admin: &Person,
    user: UserId,
    limit: u64,
    offset: impl FnOnce(u64) -> Result<u64, E>,
) -> Result<(u64, Vec<ModeratedConversation>), E> {
    write(services, admin, AdminAction::ListConversations(user)).await?;
    let reader = services.storage().read_everything().await.map_err(AdminError::from)?;
    if reader.person(user).await.map_err(AdminError::from)?.is_none() {
        return Err(AdminError::from(CommandError::RecipientNotFound).into());
    }
    let count = reader.conversation_count_of(user).await.map_err(AdminError::from)?;
    let page = reader.conversations_of(user, offset(count)?, limit).await;
    Ok((count, page.map_err(AdminError::from)?))
}

/// Messages of a conversation, deleted ones included, newest first.
pub async fn history(
    services: &Services,
    admin: &Person,
    conversation: ConversationId,
    before: Option<Seq>,
    limit: u64,
) -> Result<Vec<ModeratedMessage>, AdminError> {
    write(services, admin, AdminAction::ViewHistory(conversation)).await?;
    let reader = services.storage().read_everything().await?;
    if !reader.conversation_exists(conversation).await? {
        return Err(CommandError::ConversationNotFound.into());
    }
    Ok(reader.whole_history(conversation, before, limit).await?)
}

/// A message and everything it has said.
pub async fn edits(
    services: &Services,
    admin: &Person,
    message: MessageId,
) -> Result<MessageWithEdits, AdminError> {
    write(services, admin, AdminAction::ViewEdits(message)).await?;
    let reader = services.storage().read_everything().await?;
    let found = reader.any_message(message).await?.ok_or(CommandError::MessageNotFound)?;
    let edits = reader.edits(message, EDITS_MAX).await?;
    Ok(MessageWithEdits { message: found, edits })
}
