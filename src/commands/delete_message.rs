//! Delete a message: its author for everybody, anybody else for himself.

use super::{Audience, CommandError, Post};
use crate::{
    domain::{ConversationId, MessageId, Rev, Timestamp, UserId},
    protocol::{Frames, ServerEvent},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Copy, Debug)]
pub struct DeleteMessage {
    pub by: UserId,
    pub message: MessageId,
}

/// A message that is gone.
#[derive(Clone, Debug)]
pub struct Deleted {
    pub message: MessageId,
    pub conversation: ConversationId,
    pub for_whom: DeletedFor,
}

/// Who no longer sees it.
#[derive(Clone, Debug)]
pub enum DeletedFor {
    Everybody { members: Vec<UserId>, rev: Rev },
    OnlyOne(UserId),
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    delete: &DeleteMessage,
    now: Timestamp,
) -> Result<Result<Deleted, CommandError>, StorageError> {
    let Some(message) = storage.message_for(tx, delete.message, delete.by).await? else {
        return Ok(Err(CommandError::MessageNotFound));
    };
    let for_whom = if message.sender == delete.by {
        let rev = storage.take_rev(tx, message.conversation, now).await?;
        storage.delete_message(tx, message.id, delete.by, rev, now).await?;
        let members = storage.members_in(tx, message.conversation).await?;
        DeletedFor::Everybody { members, rev }
    } else {
        storage.hide_message(tx, message.id, delete.by).await?;
        DeletedFor::OnlyOne(delete.by)
    };
    Ok(Ok(Deleted { message: message.id, conversation: message.conversation, for_whom }))
}

/// Whoever no longer sees the message learns of it, and nobody else.
pub(super) fn tell(deleted: &Deleted, post: &mut dyn Post) {
    let (listeners, rev) = match &deleted.for_whom {
        DeletedFor::Everybody { members, rev } => (members.as_slice(), Some(rev.0)),
        DeletedFor::OnlyOne(user) => (std::slice::from_ref(user), None),
    };
    let frames = Frames::from(ServerEvent::MessageDeleted {
        message_id: deleted.message,
        conversation_id: deleted.conversation,
        rev,
        prev_rev: rev.map(|rev| rev - 1),
    });
    for listener in listeners {
        post.to_user(*listener, Audience::ChatAndMessaging, &frames);
        post.unread_changed(*listener);
    }
}
