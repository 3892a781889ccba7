//! Conversations: their counters, their members, and the list one person sees.

use std::collections::HashMap;

use entity::{conversation, participant};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, Statement, sea_query::Expr,
};
use uuid::Uuid;

use super::{Storage, StorageError, Tx, values::Rows};
use crate::domain::{
    Conversation, ConversationId, Cursor, DirectPair, MessageId, Participant, Person, Rev, Seq,
    Timestamp, UserId,
};

/// How many messages a pair is about to get.
#[derive(Clone, Copy, Debug)]
pub struct NumbersWanted {
    pub pair: DirectPair,
    /// 0 only makes sure that the conversation exists.
    pub messages: i64,
    pub at: Timestamp,
}

/// Numbers that belong to the taker, and the conversation they count in.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    pub conversation: ConversationId,
    pub first_seq: i64,
    pub first_rev: i64,
    /// When the messages count as written: never before an earlier message of the conversation.
    pub at: Timestamp,
    pub is_new: bool,
}

/// One line of a person's conversation list.
#[derive(Clone, Debug)]
pub struct ConversationSummary {
    pub conversation: Conversation,
    /// Newest message this person can see.
    pub latest: Option<MessageId>,
    pub unread: u64,
}

#[derive(FromQueryResult)]
struct TakenRow {
    id: Uuid,
    direct_key: String,
    last_seq: i64,
    rev: i64,
    updated_at: Timestamp,
}

#[derive(FromQueryResult)]
struct SummaryRow {
    id: Uuid,
    last_seq: i64,
    rev: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_message_at: Option<Timestamp>,
    latest_id: Option<Uuid>,
    unread: i64,
}

/// What one member (`$1`) sees of the messages `m` of his membership `p`.
const VISIBLE: &str = "m.conversation_id = p.conversation_id AND m.seq > p.history_from_seq \
    AND m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM message_hidden h \
    WHERE h.message_id = m.id AND h.user_id = p.user_id)";

/// What of it he has not read: a conversation he has hidden holds nothing unread.
const UNREAD: &str = "m.seq > p.read_seq AND m.seq > COALESCE(p.hidden_through_seq, 0) \
    AND m.sender_id <> p.user_id";

impl Storage {
    /// Takes sequence numbers for every pair, making conversations that do not exist yet.
    ///
    /// One statement: the row lock it takes is what orders the messages of a conversation between
    /// transactions and servers, and the unique key is why two people never get a second one.
    pub async fn take_numbers(
        &self,
        tx: &Tx,
        wanted: &[NumbersWanted],
    ) -> Result<HashMap<DirectPair, Taken>, StorageError> {
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        // One order for everybody, so that two servers never wait for each other in a circle.
        let mut wanted: Vec<_> =
            wanted.iter().map(|want| (want, ConversationId::generate())).collect();
        wanted.sort_by_key(|(want, _)| want.pair);

        let rows: Rows<5> = wanted
            .iter()
            .map(|(want, new_id)| {
                let message_at = (want.messages > 0).then_some(want.at);
                let (id, key) = (new_id.0.into(), want.pair.key().into());
                [id, key, want.messages.into(), want.at.into(), message_at.into()]
            })
            .collect();
        let statement = rows.statement(tx.get_database_backend(), |list| {
            let later = |column: &str| {
                format!(
                    "{column} = CASE WHEN excluded.last_message_at IS NULL \
                     OR conversations.{column} > excluded.last_message_at \
                     THEN conversations.{column} ELSE excluded.last_message_at END"
                )
            };
            format!(
                "INSERT INTO conversations (id, kind, direct_key, last_seq, rev, created_at, \
                 updated_at, last_message_at) \
                 SELECT column1, 'direct', column2, column3, column3, column4, column4, column5 \
                 FROM (VALUES {list}) AS v WHERE column1 IS NOT NULL \
                 ON CONFLICT (direct_key) DO UPDATE SET \
                 last_seq = conversations.last_seq + excluded.last_seq, \
                 rev = conversations.rev + excluded.rev, {}, {} \
                 RETURNING id, direct_key, last_seq, rev, updated_at",
                later("updated_at"),
                later("last_message_at"),
            )
        });

        let mut taken = HashMap::with_capacity(wanted.len());
        let by_pair: HashMap<_, _> =
            wanted.iter().map(|(want, new_id)| (want.pair, (want.messages, *new_id))).collect();
        for row in TakenRow::find_by_statement(statement).all(tx).await? {
            let Some(pair) = DirectPair::from_key(&row.direct_key) else { continue };
            let Some((messages, new_id)) = by_pair.get(&pair) else { continue };
            let conversation = ConversationId(row.id);
            self.0.pairs.insert(conversation, pair);
            taken.insert(
                pair,
                Taken {
                    conversation,
                    first_seq: row.last_seq - messages + 1,
                    first_rev: row.rev - messages + 1,
                    at: row.updated_at,
                    is_new: conversation == *new_id,
                },
            );
        }
        let new: Vec<_> = taken
            .iter()
            .filter(|(_, taken)| taken.is_new)
            .flat_map(|(pair, taken)| {
                pair.members().map(|user| (taken.conversation, user, taken.at))
            })
            .collect();
        add_participants(tx, &new).await?;
        Ok(taken)
    }

    /// The pair of a direct conversation, if it exists.
    pub async fn pair_of(
        &self,
        tx: &Tx,
        conversation: ConversationId,
    ) -> Result<Option<DirectPair>, StorageError> {
        match self.0.pairs.get(&conversation) {
            Some(pair) => Ok(Some(pair)),
            None => self.pair_on(tx, conversation).await,
        }
    }

    async fn pair_on(
        &self,
        connection: &impl ConnectionTrait,
        conversation: ConversationId,
    ) -> Result<Option<DirectPair>, StorageError> {
        let row = conversation::Entity::find_by_id(conversation.0).one(connection).await?;
        let pair = row.and_then(|row| row.direct_key).and_then(|key| DirectPair::from_key(&key));
        if let Some(pair) = pair {
            self.0.pairs.insert(conversation, pair);
        }
        Ok(pair)
    }

    /// A conversation `member` belongs to; `None` for a foreign one as for a missing one.
    pub async fn conversation(
        &self,
        id: ConversationId,
        member: UserId,
    ) -> Result<Option<Conversation>, StorageError> {
        self.conversation_on(&self.0.readers, id, member).await
    }

    /// [`Self::conversation`] inside a transaction.
    pub async fn conversation_in(
        &self,
        tx: &Tx,
        id: ConversationId,
        member: UserId,
    ) -> Result<Option<Conversation>, StorageError> {
        self.conversation_on(tx, id, member).await
    }

    async fn conversation_on(
        &self,
        connection: &impl ConnectionTrait,
        id: ConversationId,
        member: UserId,
    ) -> Result<Option<Conversation>, StorageError> {
        let Some(row) = conversation::Entity::find_by_id(id.0).one(connection).await? else {
            return Ok(None);
        };
        let participants = self.participants_on(connection, &[id]).await?.remove(&id);
        let participants = participants.unwrap_or_default();
        if !participants.iter().any(|participant| participant.person.id == member) {
            return Ok(None);
        }
        Ok(Some(from_row(&row, participants)))
    }

    /// The newest sequence number of each of these conversations.
    pub async fn last_seqs(
        &self,
        tx: &Tx,
        conversations: impl Iterator<Item = ConversationId>,
    ) -> Result<HashMap<ConversationId, Seq>, StorageError> {
        let ids: Vec<_> = conversations.map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Uuid, i64)> = conversation::Entity::find()
            .select_only()
            .columns([conversation::Column::Id, conversation::Column::LastSeq])
            .filter(conversation::Column::Id.is_in(ids))
            .into_tuple()
            .all(tx)
            .await?;
        Ok(rows.into_iter().map(|(id, seq)| (ConversationId(id), Seq(seq))).collect())
    }

    /// The next change number of a conversation.
    pub async fn take_rev(
        &self,
        tx: &Tx,
        conversation: ConversationId,
        at: Timestamp,
    ) -> Result<Rev, StorageError> {
        let backend = tx.get_database_backend();
        // `updated_at` is the floor of the next message's time: it never goes back.
        let sql = "UPDATE conversations SET rev = rev + 1, \
                   updated_at = CASE WHEN updated_at > $1 THEN updated_at ELSE $2 END \
                   WHERE id = $3 RETURNING rev";
        let values = [at.into(), at.into(), conversation.0.into()];
        let row = tx.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(Rev(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default()))
    }

    /// Takes a conversation out of a member's list until its `last_seq` grows.
    pub async fn hide_conversation(
        &self,
        tx: &Tx,
        conversation: ConversationId,
        member: UserId,
        through: Seq,
    ) -> Result<(), StorageError> {
        participant::Entity::update_many()
            .col_expr(participant::Column::HiddenThroughSeq, Expr::value(through.0))
            .filter(participant::Column::ConversationId.eq(conversation.0))
            .filter(participant::Column::UserId.eq(member.0))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// The pair of a direct conversation `member` belongs to, outside a transaction.
    pub async fn own_pair(
        &self,
        conversation: ConversationId,
        member: UserId,
    ) -> Result<Option<DirectPair>, StorageError> {
        let pair = match self.0.pairs.get(&conversation) {
            Some(pair) => Some(pair),
            None => self.pair_on(&self.0.readers, conversation).await?,
        };
        Ok(pair.filter(|pair| pair.contains(member)))
    }

    /// Whether a conversation is in `member`'s list: his, and not hidden.
    pub async fn is_listed(
        &self,
        conversation: ConversationId,
        member: UserId,
    ) -> Result<bool, StorageError> {
        let sql = "SELECT count(*) FROM participants p \
                   JOIN conversations c ON c.id = p.conversation_id \
                   WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_at IS NULL \
                   AND (p.hidden_through_seq IS NULL OR c.last_seq > p.hidden_through_seq)";
        let values = [conversation.0.into(), member.0.into()];
        let statement =
            Statement::from_sql_and_values(self.0.readers.get_database_backend(), sql, values);
        let row = self.0.readers.query_one_raw(statement).await?;
        let found: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(found > 0)
    }

    /// Everybody who shares a conversation with `member`, at most `limit`.
    pub async fn peers(&self, member: UserId, limit: u64) -> Result<Vec<UserId>, StorageError> {
        let sql = "SELECT DISTINCT o.user_id FROM participants p \
                   JOIN participants o ON o.conversation_id = p.conversation_id \
                   WHERE p.user_id = $1 AND o.user_id <> $1 AND p.left_at IS NULL \
                   AND o.left_at IS NULL LIMIT $2";
        let values = [member.0.into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
        let statement =
            Statement::from_sql_and_values(self.0.readers.get_database_backend(), sql, values);
        let rows = self.0.readers.query_all_raw(statement).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(UserId));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Puts a conversation that `member` had hidden back into his list.
    pub async fn show_conversation(
        &self,
        tx: &Tx,
        conversation: ConversationId,
        member: UserId,
    ) -> Result<(), StorageError> {
        participant::Entity::update_many()
            .col_expr(participant::Column::HiddenThroughSeq, Expr::value(None::<i64>))
            .filter(participant::Column::ConversationId.eq(conversation.0))
            .filter(participant::Column::UserId.eq(member.0))
            .filter(participant::Column::HiddenThroughSeq.is_not_null())
            .exec(tx)
            .await?;
        Ok(())
    }

    /// The conversation two people share, if they have one.
    pub async fn conversation_of_pair(
        &self,
        pair: DirectPair,
        member: UserId,
    ) -> Result<Option<Conversation>, StorageError> {
        let row = conversation::Entity::find()
            .filter(conversation::Column::DirectKey.eq(pair.key()))
            .one(&self.0.readers)
            .await?;
        match row {
            Some(row) => self.conversation(ConversationId(row.id), member).await,
            None => Ok(None),
        }
    }

    /// The conversations `member` sees in his list, newest activity first.
    pub async fn conversation_list(
        &self,
        member: UserId,
        limit: u64,
    ) -> Result<Vec<ConversationSummary>, StorageError> {
        let sql = format!(
            "SELECT c.id, c.last_seq, c.rev, c.created_at, c.updated_at, c.last_message_at, \
             (SELECT m.id FROM messages m WHERE {VISIBLE} ORDER BY m.seq DESC LIMIT 1) AS latest_id, \
             (SELECT count(*) FROM messages m WHERE {VISIBLE} AND {UNREAD}) AS unread \
             FROM participants p JOIN conversations c ON c.id = p.conversation_id \
             WHERE p.user_id = $1 AND p.left_at IS NULL \
             AND (p.hidden_through_seq IS NULL OR c.last_seq > p.hidden_through_seq) \
             ORDER BY COALESCE(c.last_message_at, c.created_at) DESC, c.id DESC LIMIT $2"
        );
        let values = [member.0.into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
        let statement =
            Statement::from_sql_and_values(self.0.readers.get_database_backend(), sql, values);
        let rows = SummaryRow::find_by_statement(statement).all(&self.0.readers).await?;
        let ids: Vec<_> = rows.iter().map(|row| ConversationId(row.id)).collect();
        let mut participants = self.participants_on(&self.0.readers, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| ConversationSummary {
                latest: row.latest_id.map(MessageId),
                unread: row.unread.try_into().unwrap_or(0),
                conversation: Conversation {
                    id: ConversationId(row.id),
                    last_seq: Seq(row.last_seq),
                    rev: Rev(row.rev),
                    created_at: row.created_at,
                    updated_at: row.updated_at,
                    last_message_at: row.last_message_at,
                    participants: participants.remove(&ConversationId(row.id)).unwrap_or_default(),
                },
            })
            .collect())
    }

    /// What the list would show of one conversation.
    pub async fn conversation_summary(
        &self,
        member: UserId,
        conversation: Conversation,
    ) -> Result<ConversationSummary, StorageError> {
        let sql = format!(
            "SELECT (SELECT m.id FROM messages m WHERE {VISIBLE} ORDER BY m.seq DESC LIMIT 1) \
             AS latest_id FROM participants p WHERE p.user_id = $1 AND p.conversation_id = $2"
        );
        let values = [member.0.into(), conversation.id.0.into()];
        let statement =
            Statement::from_sql_and_values(self.0.readers.get_database_backend(), sql, values);
        let row = self.0.readers.query_one_raw(statement).await?;
        let latest: Option<Uuid> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        let unread = self.unread_count(member, Some(conversation.id)).await?;
        Ok(ConversationSummary { conversation, latest: latest.map(MessageId), unread })
    }

    /// Unread messages of `member`: in all conversations, or in one.
    pub async fn unread_count(
        &self,
        member: UserId,
        conversation: Option<ConversationId>,
    ) -> Result<u64, StorageError> {
        let only = if conversation.is_some() { "AND p.conversation_id = $2" } else { "" };
        let sql = format!(
            "SELECT count(*) FROM participants p JOIN messages m ON {VISIBLE} AND {UNREAD} WHERE p.user_id = $1 AND p.left_at IS NULL {only}"
        );
        let mut values = vec![member.0.into()];
        values.extend(conversation.map(|id| sea_orm::Value::from(id.0)));
        let statement =
            Statement::from_sql_and_values(self.0.readers.get_database_backend(), sql, values);
        let row = self.0.readers.query_one_raw(statement).await?;
        let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(count.try_into().unwrap_or(0))
    }

    /// The members of several conversations with their cursors, in the order of their ids.
    pub(super) async fn participants_on(
        &self,
        connection: &impl ConnectionTrait,
        conversations: &[ConversationId],
    ) -> Result<HashMap<ConversationId, Vec<Participant>>, StorageError> {
        if conversations.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = participant::Entity::find()
            .filter(participant::Column::ConversationId.is_in(conversations.iter().map(|id| id.0)))
            .filter(participant::Column::LeftAt.is_null())
            .order_by_asc(participant::Column::UserId)
            .all(connection)
            .await?;
        let people = self.people_on(connection, rows.iter().map(|row| UserId(row.user_id))).await?;
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            let Some(person) = people.get(&UserId(row.user_id)) else { continue };
            let conversation = ConversationId(row.conversation_id);
            let participant = self.participant(conversation, person.clone(), &row);
            found.entry(conversation).or_default().push(participant);
        }
        Ok(found)
    }

    fn participant(
        &self,
        conversation: ConversationId,
        person: Person,
        row: &participant::Model,
    ) -> Participant {
        let mut cursor = Cursor {
            read_seq: row.read_seq,
            delivered_seq: row.delivered_seq,
            read_at: row.read_at,
            history_from_seq: row.history_from_seq,
        };
        self.0.pending.apply(conversation, person.id, &mut cursor);
        Participant { person, cursor }
    }
}

fn from_row(row: &conversation::Model, participants: Vec<Participant>) -> Conversation {
    Conversation {
        id: ConversationId(row.id),
        last_seq: Seq(row.last_seq),
        rev: Rev(row.rev),
        created_at: row.created_at,
        updated_at: row.updated_at,
        last_message_at: row.last_message_at,
        participants,
    }
}

async fn add_participants(
    tx: &Tx,
    members: &[(ConversationId, UserId, Timestamp)],
) -> Result<(), StorageError> {
    if members.is_empty() {
        return Ok(());
    }
    let rows = members.iter().map(|(conversation, user, at)| participant::ActiveModel {
        conversation_id: Set(conversation.0),
        user_id: Set(user.0),
        role: Set("member".to_owned()),
        joined_at: Set(*at),
        history_from_seq: Set(0),
        read_seq: Set(0),
        delivered_seq: Set(0),
        ..Default::default()
    });
    participant::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
