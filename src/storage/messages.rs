//! Messages: writing many at once, and the pages people read.

use std::collections::{HashMap, HashSet};

use entity::{message, message_hidden, reaction};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Statement, Value,
    sea_query::{Expr, Query},
};

use super::{Reader, Storage, StorageError, Tx, values::Rows};
use crate::domain::{
    ClientId, ConversationId, Cursors, Message, MessageDetails, MessageId, Participant, Person,
    Quote, Reaction, Rev, Seq, UserId,
};

/// A message that has its numbers and waits to be written.
#[derive(Clone, Debug)]
pub struct NewMessage(pub Message);

/// Where a page of history begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStart {
    Newest,
    /// Messages older than this one.
    Before(Seq),
    /// So many messages before the newest.
    Skip(u64),
}

/// Messages in the order of their sequence numbers.
#[derive(Clone, Debug)]
pub struct Page {
    pub messages: Vec<MessageDetails>,
    /// Whether there are older ones.
    pub has_more: bool,
}

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
        let Some(message) = by_id(&self.connection(), [id]).await?.remove(&id) else {
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

    /// One message of a conversation the caller has checked; `None` if `viewer` does not see it.
    pub async fn visible_message(
        &self,
        id: MessageId,
        viewer: &Participant,
    ) -> Result<Option<Message>, StorageError> {
        let row = message::Entity::find_by_id(id.0).filter(visible(viewer));
        Ok(row.one(&self.connection()).await?.map(Message::from))
    }

    /// A page of what `viewer` sees of a conversation, at most `limit` messages.
    pub async fn history(
        &self,
        conversation: ConversationId,
        participants: &[Participant],
        viewer: &Participant,
        start: PageStart,
        limit: u64,
    ) -> Result<Page, StorageError> {
        let mut select = in_conversation(conversation)
            .filter(visible(viewer))
            .order_by_desc(message::Column::Seq)
            // One more tells whether there are older ones.
            .limit(limit + 1);
        select = match start {
            PageStart::Newest => select,
            PageStart::Before(seq) => select.filter(message::Column::Seq.lt(seq.0)),
            PageStart::Skip(messages) => select.offset(messages),
        };
        let mut rows = select.all(&self.connection()).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let messages: Vec<_> = rows.into_iter().rev().map(Message::from).collect();
        let cursors = HashMap::from([(conversation, cursors(participants))]);
        let messages = self.storage.details_on(&self.connection(), messages, &cursors).await?;
        Ok(Page { messages, has_more })
    }

    /// How many messages of a conversation `viewer` sees. Counts what is missing, by indexes that
    /// hold nothing else: the cost does not grow with history.
    pub async fn history_length(
        &self,
        conversation: ConversationId,
        last_seq: Seq,
        viewer: &Participant,
    ) -> Result<u64, StorageError> {
        let from = viewer.cursor.history_from_seq;
        let sql = "SELECT (SELECT count(*) FROM messages m WHERE m.conversation_id = $1 \
                   AND m.seq > $2 AND m.deleted_at IS NOT NULL) + \
                   (SELECT count(*) FROM message_hidden h JOIN messages m ON m.id = h.message_id \
                   WHERE h.user_id = $3 AND m.conversation_id = $4 AND m.seq > $5 \
                   AND m.deleted_at IS NULL)";
        let (id, user) = (conversation.0, viewer.person.id.0);
        let values = [id.into(), from.into(), user.into(), id.into(), from.into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let row = self.connection().query_one_raw(statement).await?;
        let gone: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(u64::try_from(last_seq.0 - from - gone).unwrap_or(0))
    }

    /// Whatever is shown around these messages, for members of their conversations.
    pub async fn details(
        &self,
        messages: Vec<Message>,
        participants: &HashMap<ConversationId, Vec<Participant>>,
    ) -> Result<Vec<MessageDetails>, StorageError> {
        let cursors = participants.iter().map(|(id, members)| (*id, cursors(members))).collect();
        self.storage.details_on(&self.connection(), messages, &cursors).await
    }

    /// Messages by id, whoever may see them: the caller checks.
    pub async fn find_messages(
        &self,
        ids: impl IntoIterator<Item = MessageId>,
    ) -> Result<Vec<Message>, StorageError> {
        Ok(by_id(&self.connection(), ids).await?.into_values().collect())
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

fn in_conversation(conversation: ConversationId) -> Select<message::Entity> {
    message::Entity::find().filter(message::Column::ConversationId.eq(conversation.0))
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

/// Neither deleted, nor hidden by the viewer, nor from before his time.
fn visible(viewer: &Participant) -> Condition {
    Condition::all()
        .add(message::Column::Seq.gt(viewer.cursor.history_from_seq))
        .add(message::Column::DeletedAt.is_null())
        .add(hidden_for(viewer).not())
}

fn hidden_for(viewer: &Participant) -> Expr {
    let hidden = Query::select()
        .expr(Expr::val(1))
        .from(message_hidden::Entity)
        .and_where(
            Expr::col((message_hidden::Entity, message_hidden::Column::MessageId))
                .equals((message::Entity, message::Column::Id)),
        )
        .and_where(message_hidden::Column::UserId.eq(viewer.person.id.0))
        .to_owned();
    Expr::exists(hidden)
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
