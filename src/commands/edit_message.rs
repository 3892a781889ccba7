//! Change the text of one's own message; what it said before is kept for moderators.

use super::{Audience, CommandError, Place, Post, delete_message::message_gone};
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
    /// Who has deleted it for himself.
    pub hidden_by: Vec<UserId>,
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
    let hidden_by = storage.hidden_by(tx, message.id).await?;
    let details = storage.details_in(tx, vec![message]).await?.pop();
    Ok(details
        .map(|details| Edited { details, is_change, hidden_by })
        .ok_or(CommandError::Internal))
}

/// Everybody in the conversation sees the new words; to whoever has deleted the message for himself it
/// stays deleted.
pub(super) fn tell(edited: &Edited, post: &mut dyn Post) {
    if edited.is_change {
        let place = Place::of(edited.details.message.rev);
        tell_edited(&edited.details, &edited.hidden_by, place, post);
    }
}

pub(super) fn tell_edited(
    details: &MessageDetails,
    hidden_by: &[UserId],
    place: Place,
    post: &mut dyn Post,
) {
    let message = &details.message;
    let encoded = EncodedMessage::new(details, post.online(), post.now());
    let frames = Frames::from(ServerEvent::MessageUpdated {
        message: encoded.as_raw(),
        conversation_id: message.conversation,
        rev: place.rev.0,
        prev_rev: place.prev_rev.0,
    });
    for (person, _cursor) in &details.cursors.0 {
        if hidden_by.contains(&person.id) {
            let gone = message_gone(message.id, message.conversation, place);
            post.to_user(person.id, Audience::ChatAndMessaging, &gone);
        } else {
            post.to_user(person.id, Audience::ChatAndMessaging, &frames);
        }
    }
}
