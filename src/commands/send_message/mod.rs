//! Send a message: the one thing everything else is built around.
//!
//! A batch of them is decided, then written; each is told afterwards.

mod decide;
mod tell;
mod write;

use std::collections::HashMap;

use super::CommandError;
use crate::{
    domain::{
        ClientId, DirectPair, Message, MessageDetails, MessageId, MessageText, Notification,
        Person, Quote, Timestamp, UserId,
    },
    protocol::MessageTarget,
    storage::{Storage, StorageError, Tx},
};
use decide::decide;
pub(super) use tell::{tell, tell_gone, tell_new};
use write::{Written, details, notify_of, write};

/// How long a message posted over REST can be claimed by its repeat over WebSocket.
const ECHO_SECONDS: i64 = 10;

#[derive(Clone, Debug)]
pub struct SendMessage {
    pub sender: Person,
    pub target: MessageTarget,
    pub text: MessageText,
    pub reply_to: Option<MessageId>,
    pub client_id: Option<ClientId>,
    pub origin: Origin,
}

/// Through which door a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    WebSocket,
    Rest,
    /// With the start of a conversation.
    Initial,
}

/// A message that is stored.
#[derive(Clone, Debug)]
pub struct Sent {
    pub details: MessageDetails,
    /// It was stored before: this send is a repeat and changed nothing.
    pub is_repeat: bool,
    /// What the recipient is told besides; `None` for a repeat, and if messages are not notified of.
    pub notification: Option<Notification>,
    /// Into whose list its conversation has come with it.
    pub appears_for: Vec<UserId>,
}

/// A message that may be written: its recipient and its quote are known.
struct Accepted<'a> {
    send: &'a SendMessage,
    sender: Person,
    pair: DirectPair,
    recipient: Person,
    quote: Option<Quote>,
}

/// What becomes of one send of the batch.
enum Fate<'a> {
    Refused(CommandError),
    /// Stored by an earlier send.
    Stored(Message),
    /// The same client id as the send at this place of the batch.
    RepeatOf(usize),
    New(Box<Accepted<'a>>),
}

/// Stores messages of any number of conversations; one result each, in their order.
pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    sends: &[&SendMessage],
    now: Timestamp,
) -> Result<Vec<Result<Sent, CommandError>>, StorageError> {
    if sends.is_empty() {
        return Ok(vec![]);
    }
    let (fates, mut standings) = decide(storage, tx, sends, now).await?;
    let written = write(storage, tx, &fates, now).await?;
    let mut notifications = notify_of(storage, tx, &fates, &written, now).await?;
    let stored: Vec<_> = fates
        .iter()
        .filter_map(|fate| match fate {
            Fate::Stored(message) => Some(message.clone()),
            Fate::Refused(_) | Fate::RepeatOf(_) | Fate::New(_) => None,
        })
        .collect();
    let stored: HashMap<_, _> = storage
        .details_in(tx, stored)
        .await?
        .into_iter()
        .map(|details| (details.message.id, details))
        .collect();

    let mut results: Vec<Result<Sent, CommandError>> = Vec::with_capacity(fates.len());
    for (place, fate) in fates.into_iter().enumerate() {
        let result = match fate {
            Fate::Refused(error) => Err(error),
            // Several sends of a batch may repeat the same message.
            Fate::Stored(message) => stored
                .get(&message.id)
                .cloned()
                .map(|details| Sent {
                    details,
                    is_repeat: true,
                    notification: None,
                    appears_for: vec![],
                })
                .ok_or(CommandError::Internal),
            Fate::RepeatOf(first) => results[first].clone().map(|sent| Sent {
                is_repeat: true,
                notification: None,
                appears_for: vec![],
                ..sent
            }),
            Fate::New(accepted) => {
                let Written { message, opens } = written[&place].clone();
                let mut appears_for = accepted.pair.members().to_vec();
                // What the first message has brought back, the next one does not.
                appears_for.retain(|user| opens | standings.hidden.remove(&(accepted.pair, *user)));
                Ok(Sent {
                    details: details(*accepted, message),
                    is_repeat: false,
                    notification: notifications.remove(&place),
                    appears_for,
                })
            }
        };
        results.push(result);
    }
    Ok(results)
}
