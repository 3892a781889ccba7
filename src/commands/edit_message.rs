//! Change the text of one's own message; what it said before is kept for moderators.

use super::{Audience, CommandError, Post, delete_message::message_gone};
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
    if !edited.is_change {
        return;
    }
    let message = &edited.details.message;
    let encoded = EncodedMessage::new(&edited.details, post.online(), post.now());
    let frames = Frames::from(ServerEvent::MessageUpdated {
        message: encoded.as_raw(),
        conversation_id: message.conversation,
        rev: message.rev.0,
        prev_rev: message.rev.0 - 1,
    });
    for (person, _cursor) in &edited.details.cursors.0 {
        if edited.hidden_by.contains(&person.id) {
            let gone = message_gone(message.id, message.conversation, message.rev);
            post.to_user(person.id, Audience::ChatAndMessaging, &gone);
        } else {
            post.to_user(person.id, Audience::ChatAndMessaging, &frames);
        }
    }
}
