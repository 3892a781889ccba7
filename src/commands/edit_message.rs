//! Change the text of one's own message; what it said before is kept for moderators.

use super::{Audience, CommandError, Place, Post};
use crate::{
    domain::{MessageDetails, MessageId, MessageText, Timestamp, UserId},
    protocol::{EncodedMessage, Frames, ServerEvent},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct EditMessage {
    pub editor: UserId,
    pub message: MessageId,
    pub text: MessageText,
}

/// A message in its new words.
#[derive(Clone, Debug)]
pub struct Edited {
    pub details: MessageDetails,
    /// The text was another one before.
    pub is_change: bool,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    edit: &EditMessage,
    now: Timestamp,
) -> Result<Result<Edited, CommandError>, StorageError> {
    let Some(mut message) = storage.message_for(tx, edit.message, edit.editor).await? else {
        return Ok(Err(CommandError::MessageNotFound));
    };
    if message.sender != edit.editor {
        return Ok(Err(CommandError::NotAuthor));
    }
    let is_change = message.content != edit.text.as_str();
    if is_change {
        let rev = storage.take_rev(tx, message.conversation, now).await?;
        storage.rewrite_message(tx, &message, edit.text.as_str(), rev, now).await?;
        edit.text.as_str().clone_into(&mut message.content);
        message.rev = rev;
        message.edited_at = Some(now);
    }
    let details = storage.details_in(tx, vec![message]).await?.pop();
    Ok(details.map(|details| Edited { details, is_change }).ok_or(CommandError::Internal))
}

/// Everybody in the conversation sees the new words.
pub(super) fn tell(edited: &Edited, post: &mut dyn Post) {
    if edited.is_change {
        tell_edited(&edited.details, Place::of(edited.details.message.rev), post);
    }
}

pub(super) fn tell_edited(details: &MessageDetails, place: Place, post: &mut dyn Post) {
    let message = &details.message;
    let encoded = EncodedMessage::new(details, post.online(), post.now());
    let frames = Frames::from(ServerEvent::MessageUpdated {
        message: encoded.as_raw(),
        conversation_id: message.conversation,
        rev: place.rev.0,
        prev_rev: place.prev_rev.0,
    });
    for (person, _cursor) in &details.cursors.0 {
        post.to_user(person.id, Audience::ChatAndMessaging, &frames);
    }
}
