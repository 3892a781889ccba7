//! Take a conversation out of one's own list, until something new happens in it.

use super::{Asker, Audience, CommandError, Post};
use crate::{
    domain::{ConversationId, UserId},
    protocol::{Frames, ServerEvent},
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
) -> Result<Result<ConversationId, CommandError>, StorageError> {
    let found = storage.conversation_in(tx, hide.conversation, hide.member).await?;
    let Some(conversation) = found else { return Ok(Err(CommandError::ConversationNotFound)) };
    storage.hide_conversation(tx, conversation.id, hide.member, conversation.last_seq).await?;
    Ok(Ok(conversation.id))
}

/// His other clients take it out of their lists too.
pub(super) fn tell(conversation_id: ConversationId, asker: &Asker, post: &mut dyn Post) {
    let hidden = Frames::from(ServerEvent::ConversationHidden { conversation_id });
    post.to_user(asker.user, Audience::Chat, &hidden);
    post.unread_changed(asker.user);
}
