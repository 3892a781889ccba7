//! Mark messages as read: the reader's cursor moves, the authors learn of it.

use std::collections::{BTreeMap, HashMap};

use super::{Asker, Audience, CommandError, Post};
use crate::{
    domain::{ConversationId, MessageId, Person, Seq, Timestamp, UserId},
    protocol::{Frames, MarkReadTarget, ServerEvent, Stamp},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct MarkRead {
    pub reader: Person,
    /// A message stands for itself and everything before it.
    pub target: MarkReadTarget,
}

/// How far somebody has read now.
#[derive(Clone, Debug)]
pub struct MarkedRead {
    pub conversation: ConversationId,
    pub reader: Person,
    /// The message that was asked for, if it was one.
    pub asked: Option<MessageId>,
    /// Messages that were unread before, with their authors, in their order.
    pub newly_read: Vec<(MessageId, UserId)>,
    /// Who may learn of it.
    pub members: Vec<UserId>,
    /// Those of them that had not reached any of his connections.
    pub newly_received: Vec<(MessageId, UserId)>,
    pub read_seq: Seq,
    pub at: Timestamp,
}

/// How far the conversations that are to be marked as a whole go now. Asked before the messages of
/// the same batch are stored: their readers have not seen those.
pub(super) async fn seen(
    storage: &Storage,
    tx: &Tx,
    marks: impl Iterator<Item = &MarkRead>,
) -> Result<HashMap<ConversationId, Seq>, StorageError> {
    let whole = marks.filter_map(|mark| match mark.target {
        MarkReadTarget::Conversation(id) => Some(id),
        MarkReadTarget::Message(_) => None,
    });
    storage.last_seqs(tx, whole).await
}

/// `seen` is what [`seen`] said of the conversation.
pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    mark: &MarkRead,
    seen: Option<Seq>,
    now: Timestamp,
) -> Result<Result<MarkedRead, CommandError>, StorageError> {
    let reader = mark.reader.id;
    let (conversation, through, asked, is_own) = match mark.target {
        MarkReadTarget::Message(id) => {
            let message = storage.messages_by_id(tx, [id]).await?.remove(&id);
            let Some(message) = message.filter(|message| message.deleted_at.is_none()) else {
                return Ok(Err(CommandError::MessageNotFound));
            };
            (message.conversation, message.seq, Some(id), message.sender == reader)
        }
        MarkReadTarget::Conversation(id) => {
            let Some(seen) = seen else { return Ok(Err(CommandError::ConversationNotFound)) };
            (id, seen, None, false)
        }
    };
    // One's own message can be marked, but that says nothing about what came before it.
    let through = if is_own { Seq(0) } else { through };
    let Some(marked) = storage.mark_read(tx, conversation, reader, through, now).await? else {
        return Ok(Err(match mark.target {
            MarkReadTarget::Message(_) => CommandError::MessageNotFound,
            MarkReadTarget::Conversation(_) => CommandError::ConversationNotFound,
        }));
    };
    let members = if marked.newly_read.is_empty() {
        vec![]
    } else {
        storage.members_in(tx, conversation).await?
    };
    Ok(Ok(MarkedRead {
        conversation,
        reader: mark.reader.clone(),
        asked,
        newly_read: marked.newly_read,
        members,
        newly_received: marked.newly_received,
        read_seq: marked.read_seq,
        at: now,
    }))
}

/// The authors get `message_delivered` where they still wait for it, and `message_read`; the reader gets
/// `mark_read_success`, his other connections only when something changed.
pub(super) fn tell(marked: &MarkedRead, asker: &Asker, post: &mut dyn Post) {
    let conversation_id = marked.conversation;
    // Reading implies receiving, but old pages do not conclude that.
    let received =
        marked.newly_received.iter().filter(|(_, author)| marked.members.contains(author));
    for (message_id, author) in received {
        let event = ServerEvent::MessageDelivered {
            message_id: *message_id,
            conversation_id,
            delivered_to: &marked.reader.username,
            delivered_to_id: marked.reader.id.0,
            delivered_at: Stamp(marked.at),
        };
        post.to_user(*author, Audience::Chat, &Frames::from(event));
    }
    let mut by_author: BTreeMap<UserId, Vec<MessageId>> = BTreeMap::new();
    let told = marked.newly_read.iter().filter(|(_, author)| marked.members.contains(author));
    for (message, author) in told {
        by_author.entry(*author).or_default().push(*message);
    }
    for (author, message_ids) in &by_author {
        let Some(message_id) = message_ids.last().copied() else { continue };
        let event = ServerEvent::MessageRead {
            message_id,
            message_ids,
            conversation_id,
            read_by: &marked.reader.username,
            read_by_id: marked.reader.id.0,
            read_at: Stamp(marked.at),
            read_seq: marked.read_seq.0,
        };
        post.to_user(*author, Audience::Chat, &Frames::from(event));
    }

    let message_ids: Vec<_> = marked.newly_read.iter().map(|(id, _)| *id).collect();
    let success = Frames::from(ServerEvent::MarkReadSuccess {
        message_id: marked.asked,
        message_ids: &message_ids,
        conversation_id,
        read_seq: marked.read_seq.0,
    });
    if !message_ids.is_empty() {
        post.to_user(marked.reader.id, Audience::Chat, &success);
        post.unread_changed(marked.reader.id);
    } else if let Some(connection) = asker.connection {
        post.to_connection(connection, &success);
    }
}
