//! Send a message: the one thing everything else is built around.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::Duration;

use super::{
    Asker, Audience, CommandError, Post,
    notify::{self, notify},
};
use crate::{
    domain::{
        Cause, ClientId, ConversationId, Cursor, Cursors, DirectPair, Excerpt, Message,
        MessageDetails, MessageId, MessageText, Notice, Notification, Person, Quote, Rev, Seq,
        Timestamp, UserId,
    },
    protocol::{EncodedMessage, Frames, MessageTarget, ServerEvent, Stamp},
    storage::{CursorMove, NewMessage, NumbersWanted, RestEcho, Storage, StorageError, Taken, Tx},
};

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
}

/// A message that may be written: its recipient and its quote are known.
struct Accepted<'a> {
    send: &'a SendMessage,
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
    let fates = decide(storage, tx, sends, now).await?;
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
                .map(|details| Sent { details, is_repeat: true, notification: None })
                .ok_or(CommandError::Internal),
            Fate::RepeatOf(first) => results[first].clone().map(|sent| Sent {
                is_repeat: true,
                notification: None,
                ..sent
            }),
            Fate::New(accepted) => Ok(Sent {
                details: details(*accepted, written[&place].clone()),
                is_repeat: false,
                notification: notifications.remove(&place),
            }),
        };
        results.push(result);
    }
    Ok(results)
}

/// Checks every send, in the order of contract §2.2.
async fn decide<'a>(
    storage: &Storage,
    tx: &Tx,
    sends: &[&'a SendMessage],
    now: Timestamp,
) -> Result<Vec<Fate<'a>>, StorageError> {
    let keys: Vec<_> =
        sends.iter().filter_map(|send| Some((send.sender.id, send.client_id.clone()?))).collect();
    let known = storage.messages_by_client_id(tx, &keys).await?;
    let quoted = storage.messages_by_id(tx, sends.iter().filter_map(|send| send.reply_to)).await?;
    let mut echoes = Echoes::load(storage, tx, sends, now).await?;
    let recipients = recipients(storage, tx, sends).await?;
    let people = recipients.values().flatten().copied();
    let people = people.chain(quoted.values().map(|message| message.sender));
    let people = storage.people_in(tx, people.collect::<HashSet<_>>()).await?;

    let mut first_with_key = HashMap::new();
    let mut fates = Vec::with_capacity(sends.len());
    for (place, send) in sends.iter().enumerate() {
        let sender = send.sender.id;
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
        fates.push(Fate::New(Box::new(Accepted { send, pair, recipient, quote })));
    }
    Ok(fates)
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

/// Writes everything new; the messages by their place in the batch.
async fn write(
    storage: &Storage,
    tx: &Tx,
    fates: &[Fate<'_>],
    now: Timestamp,
) -> Result<HashMap<usize, Message>, StorageError> {
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
    let mut counts: HashMap<DirectPair, i64> = HashMap::new();
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
    Ok(messages.into_iter().collect())
}

/// Notes the new messages for their recipients, all at once; by their place in the batch.
async fn notify_of(
    storage: &Storage,
    tx: &Tx,
    fates: &[Fate<'_>],
    written: &HashMap<usize, Message>,
    now: Timestamp,
) -> Result<HashMap<usize, Notification>, StorageError> {
    if !storage.notifies_of_messages() {
        return Ok(HashMap::new());
    }
    let (mut places, mut notices) = (vec![], vec![]);
    for (place, fate) in fates.iter().enumerate() {
        let Fate::New(accepted) = fate else { continue };
        let excerpt = Excerpt::of(&written[&place]);
        let answers_recipient =
            accepted.quote.as_ref().is_some_and(|quote| quote.sender.id == accepted.recipient.id);
        places.push(place);
        notices.push(Notice {
            recipient: accepted.recipient.clone(),
            actor: Some(accepted.send.sender.clone()),
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

fn details(accepted: Accepted<'_>, message: Message) -> MessageDetails {
    let sender = accepted.send.sender.clone();
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

/// The recipient hears of it first, then the sender that it arrived, then that it is stored
/// (contract §2.4). A repeat is answered to its asker alone.
pub(super) fn tell(sent: &Sent, asker: &Asker, post: &mut dyn Post) {
    if sent.is_repeat {
        if let Some(connection) = asker.connection {
            let client_id = asker.client_id.as_ref();
            for frames in answers(sent, client_id, &sent.details, post) {
                post.to_connection(connection, &frames);
            }
        }
        return;
    }
    let message = &sent.details.message;
    let mut as_delivered = sent.details.clone();
    let mut is_delivered = false;
    if let Some(recipient) = message.recipient {
        as_delivered.cursors.mark_received(recipient, message.seq);
        if message.seq.0 == 1 {
            post.acquainted(message.sender, recipient);
        }
        if post.is_connected(recipient, Audience::ChatAndMessaging) {
            let frames = new_message(&as_delivered, post);
            is_delivered = post.to_user(recipient, Audience::Chat, &frames);
            post.to_user(recipient, Audience::Messaging, &frames);
        }
        post.unread_changed(recipient);
        if is_delivered {
            post.record_delivery(message.conversation, recipient, message.seq);
        }
    }
    if post.is_connected(message.sender, Audience::Chat) {
        let seen = if is_delivered { &as_delivered } else { &sent.details };
        for frames in answers(sent, message.client_id.as_ref(), seen, post) {
            post.to_user(message.sender, Audience::Chat, &frames);
        }
    }
    notify::tell(sent.notification.as_ref(), post);
}

fn new_message(details: &MessageDetails, post: &dyn Post) -> Frames {
    let encoded = EncodedMessage::new(details, post.online(), post.now());
    let (message, conversation_id) = (encoded.as_raw(), details.message.conversation);
    let rev = details.message.rev.0;
    let prev_rev = rev - 1;
    Frames {
        event: ServerEvent::NewMessage { message, conversation_id, rev, prev_rev }.encode(),
        alias: Some(ServerEvent::Message { message, conversation_id, rev, prev_rev }.encode()),
    }
}

/// What the sender is told: `message_delivered` if it is true, then `message_sent`.
fn answers(
    sent: &Sent,
    client_id: Option<&ClientId>,
    details: &MessageDetails,
    post: &dyn Post,
) -> Vec<Frames> {
    let message = &details.message;
    let mut answers = Vec::with_capacity(2);
    if let Some(receiver) = details.cursors.receivers(message.sender, message.seq).next() {
        answers.push(Frames::from(ServerEvent::MessageDelivered {
            message_id: message.id,
            conversation_id: message.conversation,
            delivered_to: &receiver.username,
            delivered_to_id: receiver.id.0,
            delivered_at: Stamp(post.now()),
        }));
    }
    let encoded = EncodedMessage::new(details, post.online(), post.now());
    answers.push(Frames::from(ServerEvent::MessageSent {
        message: encoded.as_raw(),
        conversation_id: message.conversation,
        rev: message.rev.0,
        prev_rev: message.rev.0 - 1,
        client_id: client_id.map(ClientId::as_str),
        duplicate: sent.is_repeat,
    }));
    answers
}
