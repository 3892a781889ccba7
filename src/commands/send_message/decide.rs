//! What becomes of each send of a batch: refused, known already, or new.

use std::collections::{HashMap, HashSet};

use chrono::Duration;

use super::{Accepted, ECHO_SECONDS, Fate, Origin, SendMessage};
use crate::{
    commands::CommandError,
    domain::{DirectPair, Message, Person, Quote, Timestamp, UserId},
    protocol::MessageTarget,
    storage::{Standings, Storage, StorageError, Tx},
};

/// Checks every send, in the order of contract §2.2. Tells also how their people stood before.
pub(super) async fn decide<'a>(
    storage: &Storage,
    tx: &Tx,
    sends: &[&'a SendMessage],
    now: Timestamp,
) -> Result<(Vec<Fate<'a>>, Standings), StorageError> {
    let keys: Vec<_> =
        sends.iter().filter_map(|send| Some((send.sender.id, send.client_id.clone()?))).collect();
    let known = storage.messages_by_client_id(tx, &keys).await?;
    #[cfg(feature = "broken-builds")]
    let known = if crate::broken::is("no-unique-key") { HashMap::new() } else { known };
    let quoted = storage.messages_by_id(tx, sends.iter().filter_map(|send| send.reply_to)).await?;
    let mut echoes = Echoes::load(storage, tx, sends, now).await?;
    let recipients = recipients(storage, tx, sends).await?;
    let pairs = sends
        .iter()
        .enumerate()
        .filter_map(|(place, send)| DirectPair::new(send.sender.id, recipients[&place]?));
    let standings = storage.standings(tx, pairs).await?;
    let people = recipients.values().flatten().copied();
    let people = people.chain(sends.iter().map(|send| send.sender.id));
    let people = people.chain(quoted.values().map(|message| message.sender));
    let people = storage.people_in(tx, people.collect::<HashSet<_>>()).await?;

    let mut first_with_key = HashMap::new();
    let mut fates = Vec::with_capacity(sends.len());
    for (place, send) in sends.iter().enumerate() {
        let sender = send.sender.id;
        if let Some(error) = refused_by_leaving(send, recipients[&place], &standings.left) {
            fates.push(Fate::Refused(error));
            continue;
        }
        if let Some(client_id) = &send.client_id {
            let key = (sender, client_id);
            if let Some(message) = known.get(&(sender, client_id.clone())) {
                fates.push(Fate::Stored(message.clone()));
                continue;
            }
            if let Some(first) = first_with_key.get(&key) {
                fates.push(Fate::RepeatOf(*first));
                continue;
            }
            first_with_key.insert(key, place);
        }
        let recipient = match (recipients[&place], send.target) {
            (Some(user), _) => people.get(&user).cloned().ok_or(CommandError::RecipientNotFound),
            (None, MessageTarget::User(_)) => Err(CommandError::RecipientNotFound),
            (None, MessageTarget::Conversation(_)) => Err(CommandError::ConversationNotFound),
        };
        let pair = recipient.and_then(|recipient| {
            let pair = DirectPair::new(sender, recipient.id).ok_or(CommandError::SelfRecipient)?;
            Ok((recipient, pair))
        });
        let (recipient, pair) = match pair {
            Ok(found) => found,
            Err(error) => {
                fates.push(Fate::Refused(error));
                continue;
            }
        };
        let quote = match send.reply_to {
            None => None,
            Some(id) => match quote(storage, tx, quoted.get(&id), &people, sender, pair).await? {
                Ok(quote) => Some(quote),
                Err(error) => {
                    fates.push(Fate::Refused(error));
                    continue;
                }
            },
        };
        if let Some(message) = echoes.claim(storage, tx, send, recipient.id).await? {
            fates.push(Fate::Stored(message));
            continue;
        }
        // As he calls himself now: a connection may be older than his name.
        let sender = people.get(&sender).unwrap_or(&send.sender).clone();
        fates.push(Fate::New(Box::new(Accepted { send, sender, pair, recipient, quote })));
    }
    Ok((fates, standings))
}

/// Between two people one of whom has left, nothing is sent any more; who it was is not told.
fn refused_by_leaving(
    send: &SendMessage,
    recipient: Option<UserId>,
    leavers: &HashSet<(DirectPair, UserId)>,
) -> Option<CommandError> {
    let (sender, recipient) = (send.sender.id, recipient?);
    let pair = DirectPair::new(sender, recipient)?;
    let has_left = |user| leavers.contains(&(pair, user));
    match send.target {
        MessageTarget::Conversation(_) if has_left(sender) => {
            Some(CommandError::ConversationNotFound)
        }
        MessageTarget::Conversation(_) | MessageTarget::User(_) => {
            (has_left(sender) || has_left(recipient)).then_some(CommandError::RecipientNotFound)
        }
    }
}

/// The recipient of every send by its place; `None` when the conversation is not the sender's.
async fn recipients(
    storage: &Storage,
    tx: &Tx,
    sends: &[&SendMessage],
) -> Result<HashMap<usize, Option<UserId>>, StorageError> {
    let mut recipients = HashMap::with_capacity(sends.len());
    for (place, send) in sends.iter().enumerate() {
        let recipient = match send.target {
            MessageTarget::User(user) => Some(user),
            MessageTarget::Conversation(conversation) => storage
                .pair_of(tx, conversation)
                .await?
                .filter(|pair| pair.contains(send.sender.id))
                .map(|pair| pair.other(send.sender.id)),
        };
        recipients.insert(place, recipient);
    }
    Ok(recipients)
}

/// Only messages of the same conversation can be quoted: anything else would carry a text to
/// somebody who never had it.
async fn quote(
    storage: &Storage,
    tx: &Tx,
    quoted: Option<&Message>,
    people: &HashMap<UserId, Person>,
    sender: UserId,
    pair: DirectPair,
) -> Result<Result<Quote, CommandError>, StorageError> {
    let Some(quoted) = quoted.filter(|message| message.deleted_at.is_none()) else {
        return Ok(Err(CommandError::ReplyNotFound));
    };
    let found = storage.pair_of(tx, quoted.conversation).await?;
    let quoted_person = people.get(&quoted.sender);
    Ok(match (found, quoted_person) {
        (Some(found), Some(person)) if found == pair => {
            Ok(Quote { id: quoted.id, sender: person.clone(), content: quoted.content.clone() })
        }
        (Some(found), _) if found.contains(sender) => Err(CommandError::ReplyElsewhere),
        (Some(_) | None, _) => Err(CommandError::ReplyNotFound),
    })
}

/// Messages posted over REST a moment ago: the old Messages page sends each of them again over its
/// socket (contract §2.6).
struct Echoes(Vec<Message>);

impl Echoes {
    async fn load(
        storage: &Storage,
        tx: &Tx,
        sends: &[&SendMessage],
        now: Timestamp,
    ) -> Result<Self, StorageError> {
        let senders: HashSet<_> = sends
            .iter()
            .filter(|send| send.origin == Origin::WebSocket && send.client_id.is_none())
            .map(|send| send.sender.id)
            .collect();
        let senders: Vec<_> = senders.into_iter().collect();
        let since = now - Duration::seconds(ECHO_SECONDS);
        let echoes = storage.rest_echoes(tx, &senders, since).await?;
        let mut messages =
            storage.messages_by_id(tx, echoes.iter().map(|echo| echo.message)).await?;
        Ok(Self(echoes.iter().filter_map(|echo| messages.remove(&echo.message)).collect()))
    }

    /// The message this send repeats; each is claimed once.
    async fn claim(
        &mut self,
        storage: &Storage,
        tx: &Tx,
        send: &SendMessage,
        recipient: UserId,
    ) -> Result<Option<Message>, StorageError> {
        if send.origin != Origin::WebSocket || send.client_id.is_some() {
            return Ok(None);
        }
        let found = self.0.iter().position(|message| {
            message.sender == send.sender.id
                && message.recipient == Some(recipient)
                && message.content == send.text.as_str()
                && message.reply_to == send.reply_to
        });
        let Some(found) = found else { return Ok(None) };
        let message = self.0.remove(found);
        Ok(storage.claim_rest_echo(tx, message.id).await?.then_some(message))
    }
}
