//! Delete a message: its author for everybody, anybody else for himself.

use super::{Audience, CommandError, Place, Post};
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
    pub members: Vec<UserId>,
    pub rev: Rev,
    pub for_whom: DeletedFor,
}

/// Who no longer sees it.
#[derive(Clone, Copy, Debug)]
pub enum DeletedFor {
    Everybody,
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
    let conversation = message.conversation;
    let (rev, for_whom) = if message.sender == delete.by {
        let rev = storage.take_rev(tx, conversation, now).await?;
        storage.delete_message(tx, message.id, delete.by, rev, now).await?;
        (rev, DeletedFor::Everybody)
    } else {
        // The others see that number and nothing else: no time of it either.
        let rev = storage.take_rev(tx, conversation, Timestamp::UNIX_EPOCH).await?;
        storage.hide_message(tx, &message, delete.by, rev).await?;
        (rev, DeletedFor::OnlyOne(delete.by))
    };
    let members = storage.members_in(tx, conversation).await?;
    Ok(Ok(Deleted { message: message.id, conversation, members, rev, for_whom }))
}

/// Whoever no longer sees the message learns of it. The others learn that a number was taken, or
/// they would look for what they missed.
pub(super) fn tell(deleted: &Deleted, post: &mut dyn Post) {
    let whose = (deleted.message, deleted.conversation);
    tell_gone(whose, &deleted.members, deleted.for_whom, Place::of(deleted.rev), post);
}

pub(super) fn tell_gone(
    (message, conversation): (MessageId, ConversationId),
    members: &[UserId],
    for_whom: DeletedFor,
    place: Place,
    post: &mut dyn Post,
) {
    let gone = message_gone(message, conversation, place);
    for member in members {
        match for_whom {
            DeletedFor::OnlyOne(user) if user != *member => {
                post.to_user(*member, Audience::Chat, &nothing_new(conversation, place));
            }
            DeletedFor::Everybody | DeletedFor::OnlyOne(_) => {
                post.to_user(*member, Audience::ChatAndMessaging, &gone);
                post.unread_changed(*member);
            }
        }
    }
}

/// What somebody is told who does not see a message, or no longer.
pub(super) fn message_gone(
    message: MessageId,
    conversation: ConversationId,
    place: Place,
) -> Frames {
    Frames::from(ServerEvent::MessageDeleted {
        message_id: message,
        conversation_id: conversation,
        rev: place.rev.0,
        prev_rev: place.prev_rev.0,
    })
}

/// What somebody is told whom a change does not concern.
pub(super) fn nothing_new(conversation: ConversationId, place: Place) -> Frames {
    Frames::from(ServerEvent::ConversationRev {
        conversation_id: conversation,
        rev: place.rev.0,
        prev_rev: place.prev_rev.0,
    })
}
