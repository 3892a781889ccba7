//! Delete a message: its author for everybody, anybody else for himself.

use super::{Audience, CommandError, Place, Post};
use crate::{
    domain::{ConversationId, Message, MessageId, Rev, Timestamp, UserId},
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
        let pair = storage.pair_of(tx, message.conversation).await?;
        let members = pair.map(|pair| pair.members().to_vec()).unwrap_or_default();
        DeletedFor::Everybody { members, rev }
    } else {
        storage.hide_message(tx, message.id, delete.by).await?;
        DeletedFor::OnlyOne(delete.by)
    };
    Ok(Ok(Deleted { message: message.id, conversation: message.conversation, for_whom }))
}

/// Whoever no longer sees the message learns of it, and nobody else.
pub(super) fn tell(deleted: &Deleted, post: &mut dyn Post) {
    let Deleted { message, conversation, for_whom } = deleted;
    match for_whom {
        DeletedFor::Everybody { members, rev } => {
            let place = Place::of(*rev);
            tell_members((*message, *conversation), members, Some(place), post);
        }
        DeletedFor::OnlyOne(user) => tell_members((*message, *conversation), &[*user], None, post),
    }
}

/// A message that was deleted for everybody.
pub(super) fn tell_deleted(
    message: &Message,
    members: &[UserId],
    place: Place,
    post: &mut dyn Post,
) {
    tell_members((message.id, message.conversation), members, Some(place), post);
}

fn tell_members(
    (message_id, conversation_id): (MessageId, ConversationId),
    listeners: &[UserId],
    place: Option<Place>,
    post: &mut dyn Post,
) {
    let frames = Frames::from(ServerEvent::MessageDeleted {
        message_id,
        conversation_id,
        rev: place.map(|place| place.rev.0),
        prev_rev: place.map(|place| place.prev_rev.0),
    });
    for listener in listeners {
        post.to_user(*listener, Audience::ChatAndMessaging, &frames);
        post.unread_changed(*listener);
    }
}
