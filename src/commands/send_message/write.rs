//! Writing what is new: numbers, rows, cursors, notifications; a few statements for the whole batch.

use std::collections::{BTreeMap, HashMap};

use chrono::Duration;

use super::{Accepted, ECHO_SECONDS, Fate, Origin};
use crate::{
    commands::notify::notify,
    domain::{
        Cause, ConversationId, Cursor, Cursors, DirectPair, Excerpt, Message, MessageDetails,
        MessageId, Notice, Notification, Rev, Seq, Timestamp, UserId,
    },
    storage::{CursorMove, NewMessage, NumbersWanted, RestEcho, Storage, StorageError, Taken, Tx},
};

/// A message as it was written.
#[derive(Clone)]
pub(super) struct Written {
    pub message: Message,
    /// Its conversation did not exist before.
    pub opens: bool,
}

/// Writes everything new; the messages by their place in the batch.
pub(super) async fn write(
    storage: &Storage,
    tx: &Tx,
    fates: &[Fate<'_>],
    now: Timestamp,
) -> Result<HashMap<usize, Written>, StorageError> {
    let new: Vec<_> = fates
        .iter()
        .enumerate()
        .filter_map(|(place, fate)| match fate {
            Fate::New(accepted) => Some((place, &**accepted)),
            Fate::Refused(_) | Fate::Stored(_) | Fate::RepeatOf(_) => None,
        })
        .collect();
    if new.is_empty() {
        return Ok(HashMap::new());
    }
    let mut counts: BTreeMap<DirectPair, i64> = BTreeMap::new();
    for (_, accepted) in &new {
        *counts.entry(accepted.pair).or_default() += 1;
    }
    let wanted: Vec<_> = counts
        .into_iter()
        .map(|(pair, messages)| NumbersWanted { pair, messages, at: now })
        .collect();
    let mut taken = storage.take_numbers(tx, &wanted).await?;

    let mut messages = Vec::with_capacity(new.len());
    for (place, accepted) in &new {
        let numbers = taken.get_mut(&accepted.pair).expect("numbers were taken for every pair");
        messages.push((*place, message(accepted, numbers)));
        numbers.first_seq += 1;
        numbers.first_rev += 1;
    }
    let rows: Vec<_> = messages.iter().map(|(_, message)| NewMessage(message.clone())).collect();
    storage.insert_messages(tx, &rows).await?;
    storage.move_sender_cursors(tx, &cursor_moves(&messages)).await?;

    let echoes: Vec<_> = new
        .iter()
        .zip(&messages)
        .filter(|((_, accepted), _)| {
            accepted.send.origin == Origin::Rest && accepted.send.client_id.is_none()
        })
        .map(|(_, (_, message))| RestEcho {
            message: message.id,
            sender: message.sender,
            conversation: message.conversation,
            created_at: now,
        })
        .collect();
    storage.remember_rest_echoes(tx, &echoes, now - Duration::seconds(ECHO_SECONDS)).await?;
    let opens = |message: &Message| {
        message.seq.0 == 1
            && taken
                .values()
                .any(|taken| taken.is_new && taken.conversation == message.conversation)
    };
    let written = messages.into_iter().map(|(place, message)| {
        let opens = opens(&message);
        (place, Written { message, opens })
    });
    Ok(written.collect())
}

/// Notes the new messages for their recipients, all at once; by their place in the batch.
pub(super) async fn notify_of(
    storage: &Storage,
    tx: &Tx,
    fates: &[Fate<'_>],
    written: &HashMap<usize, Written>,
    now: Timestamp,
) -> Result<HashMap<usize, Notification>, StorageError> {
    if !storage.notifies_of_messages() {
        return Ok(HashMap::new());
    }
    let (mut places, mut notices) = (vec![], vec![]);
    for (place, fate) in fates.iter().enumerate() {
        let Fate::New(accepted) = fate else { continue };
        let excerpt = Excerpt::of(&written[&place].message);
        let answers_recipient =
            accepted.quote.as_ref().is_some_and(|quote| quote.sender.id == accepted.recipient.id);
        places.push(place);
        notices.push(Notice {
            recipient: accepted.recipient.clone(),
            actor: Some(accepted.sender.clone()),
            cause: if answers_recipient { Cause::Reply(excerpt) } else { Cause::Message(excerpt) },
        });
    }
    let told = notify(storage, tx, notices, now).await?;
    Ok(places.into_iter().zip(told).filter_map(|(place, told)| Some((place, told?))).collect())
}

fn message(accepted: &Accepted<'_>, numbers: &Taken) -> Message {
    Message {
        id: MessageId::generate(),
        conversation: numbers.conversation,
        seq: Seq(numbers.first_seq),
        rev: Rev(numbers.first_rev),
        sender: accepted.send.sender.id,
        recipient: Some(accepted.recipient.id),
        #[cfg(feature = "broken-builds")]
        client_id: accepted.send.client_id.clone().filter(|_| !crate::broken::is("no-unique-key")),
        #[cfg(not(feature = "broken-builds"))]
        client_id: accepted.send.client_id.clone(),
        content: accepted.send.text.as_str().to_owned(),
        reply_to: accepted.send.reply_to,
        created_at: numbers.at,
        edited_at: None,
        deleted_at: None,
    }
}

/// For every sender and conversation the first run of messages without somebody else's between
/// them: beyond it there is something he has not read.
fn cursor_moves(messages: &[(usize, Message)]) -> Vec<CursorMove> {
    let mut moves: BTreeMap<(ConversationId, UserId), CursorMove> = BTreeMap::new();
    for (_, message) in messages {
        let step = moves.entry((message.conversation, message.sender)).or_insert(CursorMove {
            conversation: message.conversation,
            user: message.sender,
            first: message.seq.0,
            last: message.seq.0,
        });
        if message.seq.0 == step.last + 1 {
            step.last = message.seq.0;
        }
    }
    moves.into_values().collect()
}

pub(super) fn details(accepted: Accepted<'_>, message: Message) -> MessageDetails {
    let sender = accepted.sender;
    MessageDetails {
        cursors: Cursors(vec![
            (sender.clone(), Cursor::default()),
            (accepted.recipient.clone(), Cursor::default()),
        ]),
        sender,
        recipient: Some(accepted.recipient),
        reply_to: accepted.quote,
        reactions: vec![],
        message,
    }
}
