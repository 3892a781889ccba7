//! How far conversations have come, and what has changed since: what a server asks to find out what
//! other servers have done. Nobody's own view: the caller decides who is told what.

use std::collections::HashMap;

use entity::{message, message_edit, message_hidden, participant};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect, Statement, Value,
    sea_query::{Query, SelectStatement},
};
use uuid::Uuid;

use super::{Reader, StorageError, Undelivered, values::list};
use crate::domain::{
    ConversationId, Message, MessageDetails, MessageId, Person, Progress, Rev, Seq, Standing,
    Timestamp, UserId,
};

/// Messages one question about receipts names, at most.
const RECEIPTS_MAX: u64 = 1_000;

/// Everything that has changed in a conversation since some number, each message once.
#[derive(Clone, Debug, Default)]
pub struct Unheard {
    /// In the order of their last change; deleted ones too.
    pub messages: Vec<MessageDetails>,
    /// The last edit of those that were edited since.
    pub edits: HashMap<MessageId, Rev>,
    /// Who has deleted some of these messages for himself, whenever that was.
    pub hidden_by: HashMap<MessageId, Vec<UserId>>,
    /// What members have deleted for themselves since, in that order.
    pub hidden: Vec<Hidden>,
    /// Into whose list the conversation comes, by the number of the message it comes with.
    pub appears_for: HashMap<Seq, Vec<UserId>>,
    /// There was more than was asked for.
    pub is_cut: bool,
}

/// A message that one member has deleted for himself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    pub message: MessageId,
    pub member: UserId,
    pub rev: Rev,
}

#[derive(FromQueryResult)]
struct StandingRow {
    id: Uuid,
    rev: i64,
    last_seq: i64,
    user_id: i64,
    read_seq: i64,
    delivered_seq: i64,
    read_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct ReceivedRow {
    id: Uuid,
    sender_id: i64,
    seq: i64,
}

impl Reader {
    /// How far the conversations of `member` have come: those that changed last, at most `limit`.
    pub async fn standings_of(
        &self,
        member: UserId,
        limit: u64,
    ) -> Result<Vec<Standing>, StorageError> {
        let sql = "SELECT c.id, c.rev, c.last_seq, p.user_id, p.read_seq, p.delivered_seq, \
                   p.read_at FROM (SELECT k.* FROM participants me \
                     JOIN conversations k ON k.id = me.conversation_id \
                     WHERE me.user_id = $1 AND me.left_at IS NULL \
                     ORDER BY k.updated_at DESC LIMIT $2) AS c \
                   JOIN participants p ON p.conversation_id = c.id AND p.left_at IS NULL";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.standings_by(sql, vec![member.0.into(), limit.into()]).await
    }

    /// How far one conversation has come, whoever belongs to it; `None` if there is none.
    pub async fn standing(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<Standing>, StorageError> {
        let sql = "SELECT c.id, c.rev, c.last_seq, p.user_id, p.read_seq, p.delivered_seq, \
                   p.read_at FROM conversations c \
                   JOIN participants p ON p.conversation_id = c.id AND p.left_at IS NULL \
                   WHERE c.id = $1";
        Ok(self.standings_by(sql, vec![conversation.0.into()]).await?.pop())
    }

    async fn standings_by(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<Standing>, StorageError> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let mut positions: HashMap<Uuid, Standing> = HashMap::new();
        for row in StandingRow::find_by_statement(statement).all(&self.connection()).await? {
            let position = positions.entry(row.id).or_insert_with(|| Standing {
                conversation: ConversationId(row.id),
                rev: Rev(row.rev),
                seq: Seq(row.last_seq),
                members: vec![],
            });
            position.members.push(Progress {
                user: UserId(row.user_id),
                read: row.read_seq,
                delivered: row.delivered_seq,
                read_at: row.read_at,
            });
        }
        Ok(positions.into_values().collect())
    }

    /// Those of these positions the database has gone on from, and whether by changes, not by receipts
    /// alone. PostgreSQL only.
    pub async fn standings_behind(
        &self,
        known: &[(ConversationId, Rev, i64)],
    ) -> Result<Vec<(ConversationId, bool)>, StorageError> {
        if known.is_empty() {
            return Ok(vec![]);
        }
        let sql = "SELECT k.id, c.rev > k.rev FROM unnest(string_to_array($1, ',')::uuid[], \
                   string_to_array($2, ',')::bigint[], string_to_array($3, ',')::bigint[]) \
                   AS k(id, rev, receipts) JOIN conversations c ON c.id = k.id \
                   WHERE c.rev <> k.rev OR k.receipts <> (SELECT \
                   coalesce(sum(p.read_seq + p.delivered_seq), 0) FROM participants p \
                   WHERE p.conversation_id = k.id AND p.left_at IS NULL)";
        let values = [
            list(known.iter().map(|(id, _, _)| id)).into(),
            list(known.iter().map(|(_, rev, _)| rev.0)).into(),
            list(known.iter().map(|(_, _, receipts)| receipts)).into(),
        ];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self.connection().query_all_raw(statement).await?;
        let behind = rows
            .iter()
            .map(|row| Ok((ConversationId(row.try_get_by_index(0)?), row.try_get_by_index(1)?)));
        Ok(behind.collect::<Result<_, DbErr>>()?)
    }

    /// Those of these people who belong to another number of conversations. PostgreSQL only.
    pub async fn members_of_more(
        &self,
        known: &[(UserId, i64)],
    ) -> Result<Vec<UserId>, StorageError> {
        if known.is_empty() {
            return Ok(vec![]);
        }
        let sql = "SELECT k.id FROM unnest(string_to_array($1, ',')::bigint[], \
                   string_to_array($2, ',')::bigint[]) AS k(id, conversations) \
                   WHERE k.conversations <> (SELECT count(*) FROM participants p \
                   WHERE p.user_id = k.id AND p.left_at IS NULL)";
        let values = [
            list(known.iter().map(|(user, _)| user)).into(),
            list(known.iter().map(|(_, conversations)| conversations)).into(),
        ];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self.connection().query_all_raw(statement).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(UserId));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Everything in a conversation that has changed after `since`, at most `limit` messages.
    ///
    /// Whoever reads at one moment misses nothing: change numbers are taken under the lock of the
    /// conversation's row, so who sees one sees all before it.
    pub async fn unheard(
        &self,
        conversation: ConversationId,
        since: Rev,
        limit: u64,
    ) -> Result<Unheard, StorageError> {
        let mut rows = message::Entity::find()
            .filter(message::Column::ConversationId.eq(conversation.0))
            .filter(message::Column::Rev.gt(since.0))
            .order_by_asc(message::Column::Rev)
            .limit(limit + 1)
            .all(&self.connection())
            .await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_cut = rows.len() > limit;
        rows.truncate(limit);
        let edited: Vec<_> =
            rows.iter().filter(|row| row.edited_at.is_some()).map(|row| row.id).collect();
        let edits = self.edits_since(edited, since).await?;
        let (hidden, hidden_by) = self.hidden_in(conversation, since, &rows).await?;
        let participants =
            self.storage.participants_on(&self.connection(), &[conversation]).await?;
        let mut appears_for: HashMap<_, Vec<_>> = HashMap::new();
        for participant in participants.values().flatten() {
            let comes_with = Seq(participant.hidden_through.0 + 1);
            appears_for.entry(comes_with).or_default().push(participant.person.id);
        }
        let messages: Vec<_> = rows.into_iter().map(Message::from).collect();
        let messages = self.details(messages, &participants).await?;
        Ok(Unheard { messages, edits, hidden_by, hidden, appears_for, is_cut })
    }

    /// What members have deleted for themselves since, and who has deleted one of these messages.
    async fn hidden_in(
        &self,
        conversation: ConversationId,
        since: Rev,
        messages: &[message::Model],
    ) -> Result<(Vec<Hidden>, HashMap<MessageId, Vec<UserId>>), StorageError> {
        let rows = message_hidden::Entity::find()
            .filter(
                Condition::any()
                    .add(
                        message_hidden::Column::ConversationId
                            .eq(conversation.0)
                            .and(message_hidden::Column::UserId.in_subquery(members(conversation)))
                            .and(message_hidden::Column::Rev.gt(since.0)),
                    )
                    .add(
                        message_hidden::Column::MessageId
                            .is_in(messages.iter().map(|message| message.id)),
                    ),
            )
            .order_by_asc(message_hidden::Column::Rev)
            .all(&self.connection())
            .await?;
        let mut hidden = vec![];
        let mut hidden_by: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            let (message, member) = (MessageId(row.message_id), UserId(row.user_id));
            hidden_by.entry(message).or_default().push(member);
            if row.rev > since.0 {
                hidden.push(Hidden { message, member, rev: Rev(row.rev) });
            }
        }
        Ok((hidden, hidden_by))
    }

    async fn edits_since(
        &self,
        messages: Vec<Uuid>,
        since: Rev,
    ) -> Result<HashMap<MessageId, Rev>, StorageError> {
        if messages.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Uuid, i64)> = message_edit::Entity::find()
            .select_only()
            .columns([message_edit::Column::MessageId, message_edit::Column::Rev])
            .filter(message_edit::Column::MessageId.is_in(messages))
            .filter(message_edit::Column::Rev.gt(since.0))
            .order_by_asc(message_edit::Column::Rev)
            .into_tuple()
            .all(&self.connection())
            .await?;
        Ok(rows.into_iter().map(|(id, rev)| (MessageId(id), Rev(rev))).collect())
    }

    /// Messages others sent to `member` with numbers above `after` and up to `through`: the newest,
    /// in their order.
    pub async fn received(
        &self,
        conversation: ConversationId,
        member: UserId,
        after: Seq,
        through: Seq,
    ) -> Result<Vec<Undelivered>, StorageError> {
        let rows = message::Entity::find()
            .select_only()
            .columns([message::Column::Id, message::Column::SenderId, message::Column::Seq])
            .filter(message::Column::ConversationId.eq(conversation.0))
            .filter(message::Column::Seq.gt(after.0))
            .filter(message::Column::Seq.lte(through.0))
            .filter(message::Column::SenderId.ne(member.0))
            .filter(message::Column::DeletedAt.is_null())
            .order_by_desc(message::Column::Seq)
            .limit(RECEIPTS_MAX)
            .into_model::<ReceivedRow>()
            .all(&self.connection())
            .await?;
        Ok(rows
            .into_iter()
            .rev()
            .map(|row| Undelivered {
                message: MessageId(row.id),
                conversation,
                sender: UserId(row.sender_id),
                seq: Seq(row.seq),
            })
            .collect())
    }

    /// Some people, as far as they exist.
    pub async fn people(
        &self,
        ids: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, Person>, StorageError> {
        self.storage.people_on(&self.connection(), ids).await
    }
}

/// The members of a conversation: the index on what they have hidden begins with them.
fn members(conversation: ConversationId) -> SelectStatement {
    Query::select()
        .column(participant::Column::UserId)
        .from(participant::Entity)
        .and_where(participant::Column::ConversationId.eq(conversation.0))
        .to_owned()
}
