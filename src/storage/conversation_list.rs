//! The conversations one person sees in his list, and what in them he has not read.

use entity::participant;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{Reader, Storage, StorageError, Tx};
use crate::domain::{Conversation, ConversationId, MessageId, Rev, Seq, Timestamp, UserId};

/// One line of a person's conversation list.
#[derive(Clone, Debug)]
pub struct ConversationSummary {
    pub conversation: Conversation,
    /// Newest message this person can see.
    pub latest: Option<MessageId>,
    pub unread: u64,
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

/// What one member (`$1`) sees of the messages `m` of his membership `p`. `+ 0` keeps a bound from
/// being taken for the one to search an index by: `SQLite` takes the first, and reads from there.
pub(super) const VISIBLE: &str = "m.conversation_id = p.conversation_id AND m.seq + 0 > p.history_from_seq \
    AND m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM message_hidden h \
    WHERE h.message_id = m.id AND h.user_id = p.user_id)";

/// What of it he has not read: a conversation he has hidden holds nothing unread.
pub(super) const UNREAD: &str = "m.seq > p.read_seq AND m.seq + 0 > COALESCE(p.hidden_through_seq, 0) \
    AND m.sender_id <> p.user_id";

impl Storage {
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

    /// Puts a conversation that `member` had hidden back into his list; whether he had.
    pub async fn show_conversation(
        &self,
        tx: &Tx,
        conversation: ConversationId,
        member: UserId,
    ) -> Result<bool, StorageError> {
        let shown = participant::Entity::update_many()
            .col_expr(participant::Column::HiddenThroughSeq, Expr::value(None::<i64>))
            .filter(participant::Column::ConversationId.eq(conversation.0))
            .filter(participant::Column::UserId.eq(member.0))
            .filter(participant::Column::HiddenThroughSeq.is_not_null())
            .exec(tx)
            .await?;
        Ok(shown.rows_affected > 0)
    }
}

impl Reader {
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
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let row = self.connection().query_one_raw(statement).await?;
        let found: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(found > 0)
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
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = SummaryRow::find_by_statement(statement).all(self.connection()).await?;
        let ids: Vec<_> = rows.iter().map(|row| ConversationId(row.id)).collect();
        let mut participants = self.storage.participants_on(self.connection(), &ids).await?;
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
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let row = self.connection().query_one_raw(statement).await?;
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
        // One count for each conversation, so that it cannot be driven from all messages.
        let sql = format!(
            "SELECT CAST(COALESCE(SUM((SELECT count(*) FROM messages m WHERE {VISIBLE} AND {UNREAD})), 0) \
             AS BIGINT) FROM participants p WHERE p.user_id = $1 AND p.left_at IS NULL {only}"
        );
        let mut values = vec![member.0.into()];
        values.extend(conversation.map(|id| sea_orm::Value::from(id.0)));
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let row = self.connection().query_one_raw(statement).await?;
        let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(count.try_into().unwrap_or(0))
    }
}
