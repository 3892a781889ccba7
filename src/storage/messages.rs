//! Messages: writing many at once, finding them, and what is shown around them.

use std::collections::{HashMap, HashSet};

use entity::{message, reaction};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Value};

use super::{Reader, Storage, StorageError, Tx, values::Rows};
use crate::domain::{
    ClientId, ConversationId, Cursors, Message, MessageDetails, MessageId, Participant, Person,
    Quote, Reaction, Rev, Seq, UserId,
};

/// A message that has its numbers and waits to be written.
#[derive(Clone, Debug)]
pub struct NewMessage(pub Message);

impl From<message::Model> for Message {
    fn from(row: message::Model) -> Self {
        Self {
            id: MessageId(row.id),
            conversation: ConversationId(row.conversation_id),
            seq: Seq(row.seq),
            rev: Rev(row.rev),
            sender: UserId(row.sender_id),
            recipient: row.recipient_id.map(UserId),
            client_id: row.client_id.and_then(|text| ClientId::parse(&text).ok()),
            content: row.content,
            reply_to: row.reply_to_id.map(MessageId),
            created_at: row.created_at,
            edited_at: row.edited_at,
            deleted_at: row.deleted_at,
        }
    }
}

impl Storage {
    pub async fn insert_messages(&self, tx: &Tx, new: &[NewMessage]) -> Result<(), StorageError> {
        if new.is_empty() {
            return Ok(());
        }
        let rows: Rows<10> = new.iter().map(|NewMessage(message)| row(message)).collect();
        let statement = rows.statement(tx.get_database_backend(), |list| {
            format!(
                "INSERT INTO messages (id, conversation_id, seq, rev, sender_id, recipient_id, \
                 client_id, content, reply_to_id, created_at) \
                 SELECT column1, column2, column3, column4, column5, column6, column7, column8, \
                 column9, column10 FROM (VALUES {list}) AS v WHERE column1 IS NOT NULL"
            )
        });
        tx.execute_raw(statement).await?;
        Ok(())
    }

    /// Messages already stored under these client ids.
    pub async fn messages_by_client_id(
        &self,
        tx: &Tx,
        keys: &[(UserId, ClientId)],
    ) -> Result<HashMap<(UserId, ClientId), Message>, StorageError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        // Driven by the keys: a row-value IN would make SQLite read the whole table.
        let keys: Rows<2> = keys
            .iter()
            .map(|(sender, client_id)| [sender.0.into(), client_id.as_str().into()])
            .collect();
        let statement = keys.statement(tx.get_database_backend(), |list| {
            format!(
                "SELECT m.* FROM (VALUES {list}) AS v CROSS JOIN messages m \
                 WHERE m.sender_id = v.column1 AND m.client_id = v.column2"
            )
        });
        let rows = message::Entity::find().from_raw_sql(statement).all(tx).await?;
        Ok(rows
            .into_iter()
            .map(Message::from)
            .filter_map(|message| Some(((message.sender, message.client_id.clone()?), message)))
            .collect())
    }

    /// Messages by id, whoever may see them: the caller checks.
    pub async fn messages_by_id(
        &self,
        tx: &Tx,
        ids: impl IntoIterator<Item = MessageId>,
    ) -> Result<HashMap<MessageId, Message>, StorageError> {
        by_id(tx, ids).await
    }

    /// [`Reader::details`] inside a transaction, with the cursors as they stand there.
    pub async fn details_in(
        &self,
        tx: &Tx,
        messages: Vec<Message>,
    ) -> Result<Vec<MessageDetails>, StorageError> {
        let conversations: HashSet<_> =
            messages.iter().map(|message| message.conversation).collect();
        let conversations: Vec<_> = conversations.into_iter().collect();
        let participants = self.participants_on(tx, &conversations).await?;
        let cursors = participants.iter().map(|(id, members)| (*id, cursors(members))).collect();
        self.details_on(tx, messages, &cursors).await
    }

    pub(super) async fn details_on(
        &self,
        connection: &impl ConnectionTrait,
        messages: Vec<Message>,
        cursors: &HashMap<ConversationId, Cursors>,
    ) -> Result<Vec<MessageDetails>, StorageError> {
        let quoted =
            by_id(connection, messages.iter().filter_map(|message| message.reply_to)).await?;
        let reactions = reactions(connection, &messages).await?;
        let people = messages
            .iter()
            .flat_map(|message| [Some(message.sender), message.recipient])
            .flatten()
            .chain(quoted.values().map(|message| message.sender))
            .chain(reactions.iter().map(|row| UserId(row.user_id)))
            .collect::<HashSet<_>>();
        let people = self.people_on(connection, people).await?;

        let mut reactions_of: HashMap<MessageId, Vec<Reaction>> = HashMap::new();
        for row in reactions {
            let Some(person) = people.get(&UserId(row.user_id)) else { continue };
            reactions_of.entry(MessageId(row.message_id)).or_default().push(Reaction {
                person: person.clone(),
                reaction: row.reaction,
                created_at: row.created_at,
            });
        }
        let details = messages.into_iter().filter_map(|message| {
            Some(MessageDetails {
                sender: people.get(&message.sender)?.clone(),
                recipient: message.recipient.and_then(|user| people.get(&user).cloned()),
                reply_to: message.reply_to.and_then(|id| quote(quoted.get(&id)?, &people)),
                reactions: reactions_of.remove(&message.id).unwrap_or_default(),
                cursors: cursors.get(&message.conversation).cloned().unwrap_or_default(),
                message,
            })
        });
        Ok(details.collect())
    }
}

impl Reader {
    /// One message with all that is shown around it; `None` for whoever does not see it.
    pub async fn message_details(
        &self,
        id: MessageId,
        viewer: UserId,
    ) -> Result<Option<MessageDetails>, StorageError> {
        let Some(message) = by_id(self.connection(), [id]).await?.remove(&id) else {
            return Ok(None);
        };
        let Some(conversation) = self.conversation(message.conversation, viewer).await? else {
            return Ok(None);
        };
        let Some(participant) = conversation.participant(viewer) else { return Ok(None) };
        let Some(message) = self.visible_message(id, participant).await? else { return Ok(None) };
        let participants = HashMap::from([(conversation.id, conversation.participants)]);
        Ok(self.details(vec![message], &participants).await?.pop())
    }

    /// Whatever is shown around these messages, for members of their conversations.
    pub async fn details(
        &self,
        messages: Vec<Message>,
        participants: &HashMap<ConversationId, Vec<Participant>>,
    ) -> Result<Vec<MessageDetails>, StorageError> {
        let cursors = participants.iter().map(|(id, members)| (*id, cursors(members))).collect();
        self.storage.details_on(self.connection(), messages, &cursors).await
    }

    /// Messages by id, whoever may see them: the caller checks.
    pub async fn find_messages(
        &self,
        ids: impl IntoIterator<Item = MessageId>,
    ) -> Result<Vec<Message>, StorageError> {
        Ok(by_id(self.connection(), ids).await?.into_values().collect())
    }
}

/// A message as it is shown above its answer.
pub(super) fn quote(message: &Message, people: &HashMap<UserId, Person>) -> Option<Quote> {
    Some(Quote {
        id: message.id,
        sender: people.get(&message.sender)?.clone(),
        content: if message.deleted_at.is_some() { String::new() } else { message.content.clone() },
    })
}

/// In the order of the insert.
fn row(message: &Message) -> [Value; 10] {
    [
        message.id.0.into(),
        message.conversation.0.into(),
        message.seq.0.into(),
        message.rev.0.into(),
        message.sender.0.into(),
        message.recipient.map(|user| user.0).into(),
        message.client_id.as_ref().map(ClientId::as_str).into(),
        message.content.as_str().into(),
        message.reply_to.map(|id| id.0).into(),
        message.created_at.into(),
    ]
}

pub(super) fn cursors(participants: &[Participant]) -> Cursors {
    Cursors(
        participants
            .iter()
            .map(|participant| (participant.person.clone(), participant.cursor))
            .collect(),
    )
}

async fn by_id(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = MessageId>,
) -> Result<HashMap<MessageId, Message>, StorageError> {
    let ids: HashSet<_> = ids.into_iter().map(|id| id.0).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows =
        message::Entity::find().filter(message::Column::Id.is_in(ids)).all(connection).await?;
    Ok(rows.into_iter().map(|row| (MessageId(row.id), row.into())).collect())
}

async fn reactions(
    connection: &impl ConnectionTrait,
    messages: &[Message],
) -> Result<Vec<reaction::Model>, StorageError> {
    if messages.is_empty() {
        return Ok(vec![]);
    }
    let rows = reaction::Entity::find()
        .filter(reaction::Column::MessageId.is_in(messages.iter().map(|message| message.id.0)))
        .order_by_asc(reaction::Column::CreatedAt)
        .all(connection);
    Ok(rows.await?)
}
