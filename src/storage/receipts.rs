//! Receipts: moving the cursors of members, forward only.

use entity::{message, participant};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Statement, sea_query::Expr,
};
use uuid::Uuid;

use super::{Reader, Storage, StorageError, Tx, values::Rows};
use crate::domain::{ConversationId, Cursor, MessageDetails, MessageId, Seq, Timestamp, UserId};

/// A sender's own cursor after he sent the messages `first` to `last` in a row.
#[derive(Clone, Copy, Debug)]
pub struct CursorMove {
    pub conversation: ConversationId,
    pub user: UserId,
    pub first: i64,
    pub last: i64,
}

/// Messages named when many are read at once; `read_seq` speaks of the others.
const MARKED_MAX: u64 = 1_000;

/// What marking as read changed.
#[derive(Clone, Debug)]
pub struct Marked {
    /// Messages that were unread with their authors, in their order: the newest ones if there were
    /// very many.
    pub newly_read: Vec<(MessageId, UserId)>,
    /// Those of them that had not reached the reader before.
    pub newly_received: Vec<(MessageId, UserId)>,
    /// How far the reader has read now.
    pub read_seq: Seq,
}

/// A message that waits for its recipient.
#[derive(Clone, Copy, Debug)]
pub struct Undelivered {
    pub message: MessageId,
    pub conversation: ConversationId,
    pub sender: UserId,
    pub seq: Seq,
}

#[derive(FromQueryResult)]
struct UndeliveredRow {
    id: Uuid,
    conversation_id: Uuid,
    sender_id: i64,
    seq: i64,
}

impl Storage {
    /// Moves the cursors of senders over their own messages. A sender who still has something
    /// unread before them stays where he is: sending is not reading.
    pub async fn move_sender_cursors(
        &self,
        tx: &Tx,
        moves: &[CursorMove],
    ) -> Result<(), StorageError> {
        if moves.is_empty() {
            return Ok(());
        }
        let rows: Rows<4> = moves
            .iter()
            .map(|step| {
                let (conversation, user) = (step.conversation.0.into(), step.user.0.into());
                [conversation, user, step.first.into(), step.last.into()]
            })
            .collect();
        let statement = rows.statement(tx.get_database_backend(), |list| {
            format!(
                "UPDATE participants SET \
                 read_seq = CASE WHEN read_seq >= v.column3 - 1 AND read_seq < v.column4 \
                   THEN v.column4 ELSE read_seq END, \
                 delivered_seq = CASE WHEN delivered_seq >= v.column3 - 1 \
                   AND delivered_seq < v.column4 THEN v.column4 ELSE delivered_seq END \
                 FROM (VALUES {list}) AS v \
                 WHERE participants.conversation_id = v.column1 \
                 AND participants.user_id = v.column2"
            )
        });
        tx.execute_raw(statement).await?;
        Ok(())
    }

    /// Notes that messages up to `seq` have reached `user`; written by [`Self::write_deliveries`].
    pub fn record_delivery(&self, conversation: ConversationId, user: UserId, seq: Seq) {
        self.0.pending.record(conversation, user, seq);
    }

    /// Adds deliveries that are not written yet to what is shown of a message.
    pub fn add_unwritten_deliveries(&self, details: &mut MessageDetails) {
        for (person, cursor) in &mut details.cursors.0 {
            self.0.pending.apply(details.message.conversation, person.id, cursor);
        }
    }

    pub fn has_unwritten_deliveries(&self) -> bool {
        !self.0.pending.is_empty()
    }

    /// Writes noted deliveries, at most `limit`; says whose.
    pub async fn write_deliveries(
        &self,
        limit: usize,
        at: Timestamp,
    ) -> Result<Vec<(ConversationId, UserId)>, StorageError> {
        let moves = self.0.pending.some(limit);
        if moves.is_empty() {
            return Ok(vec![]);
        }
        let rows: Rows<4> = moves
            .iter()
            .map(|(conversation, user, seq)| {
                [conversation.0.into(), user.0.into(), (*seq).into(), at.into()]
            })
            .collect();
        let statement = rows.statement(self.0.writer.get_database_backend(), |list| {
            format!(
                "UPDATE participants SET delivered_seq = v.column3, delivered_at = v.column4 \
                 FROM (VALUES {list}) AS v \
                 WHERE participants.conversation_id = v.column1 \
                 AND participants.user_id = v.column2 AND participants.delivered_seq < v.column3"
            )
        });
        self.write_tx(move |tx| {
            Box::pin(async move {
                tx.execute_raw(statement).await?;
                Ok(())
            })
        })
        .await?;
        self.0.pending.written(&moves);
        Ok(moves.into_iter().map(|(conversation, user, _)| (conversation, user)).collect())
    }

    /// Marks everything up to `through` as read by `reader`; `None` if he is no member.
    pub async fn mark_read(
        &self,
        tx: &Tx,
        conversation: ConversationId,
        reader: UserId,
        through: Seq,
        at: Timestamp,
    ) -> Result<Option<Marked>, StorageError> {
        let membership = participant::Entity::find_by_id((conversation.0, reader.0))
            .filter(participant::Column::LeftAt.is_null());
        let Some(member) = membership.lock_exclusive().one(tx).await? else { return Ok(None) };
        let before = Ord::max(member.read_seq, member.history_from_seq);
        if through.0 <= before {
            let (newly_read, newly_received) = (vec![], vec![]);
            return Ok(Some(Marked { newly_read, newly_received, read_seq: Seq(before) }));
        }
        let mut cursor = Cursor { delivered_seq: member.delivered_seq, ..Cursor::default() };
        self.0.pending.apply(conversation, reader, &mut cursor);
        let mut newly_read: Vec<(Uuid, i64, i64)> = message::Entity::find()
            .select_only()
            .columns([message::Column::Id, message::Column::SenderId, message::Column::Seq])
            .filter(message::Column::ConversationId.eq(conversation.0))
            .filter(message::Column::Seq.gt(before))
            .filter(message::Column::Seq.lte(through.0))
            .filter(message::Column::SenderId.ne(reader.0))
            .filter(message::Column::DeletedAt.is_null())
            .order_by_desc(message::Column::Seq)
            .limit(MARKED_MAX)
            .into_tuple()
            .all(tx)
            .await?;
        newly_read.reverse();
        participant::Entity::update_many()
            .col_expr(participant::Column::ReadSeq, Expr::value(through.0))
            .col_expr(participant::Column::ReadAt, Expr::value(at))
            .col_expr(
                participant::Column::DeliveredSeq,
                Expr::case(participant::Column::DeliveredSeq.lt(through.0), through.0)
                    .finally(Expr::col(participant::Column::DeliveredSeq))
                    .into(),
            )
            .filter(participant::Column::ConversationId.eq(conversation.0))
            .filter(participant::Column::UserId.eq(reader.0))
            .exec(tx)
            .await?;
        let newly_received = newly_read
            .iter()
            .filter(|(_, _, seq)| !cursor.has_received(Seq(*seq)))
            .map(|(id, sender, _)| (MessageId(*id), UserId(*sender)))
            .collect();
        let newly_read =
            newly_read.into_iter().map(|(id, sender, _)| (MessageId(id), UserId(sender))).collect();
        Ok(Some(Marked { newly_read, newly_received, read_seq: through }))
    }
}

impl Reader {
    /// Messages that have not reached `user` yet and whose senders would hear of it, oldest first.
    pub async fn undelivered(
        &self,
        user: UserId,
        limit: u64,
    ) -> Result<Vec<Undelivered>, StorageError> {
        let sql = "SELECT m.id, m.conversation_id, m.sender_id, m.seq FROM participants p \
                   JOIN messages m ON m.conversation_id = p.conversation_id \
                   AND m.seq > p.delivered_seq AND m.seq > p.read_seq \
                   WHERE p.user_id = $1 AND p.left_at IS NULL AND m.sender_id <> $1 \
                   AND m.deleted_at IS NULL AND EXISTS (SELECT 1 FROM participants s \
                     WHERE s.conversation_id = m.conversation_id AND s.user_id = m.sender_id \
                     AND s.left_at IS NULL) ORDER BY m.id LIMIT $2";
        let values = [user.0.into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = UndeliveredRow::find_by_statement(statement).all(self.connection()).await?;
        Ok(rows
            .into_iter()
            .map(|row| Undelivered {
                message: MessageId(row.id),
                conversation: ConversationId(row.conversation_id),
                sender: UserId(row.sender_id),
                seq: Seq(row.seq),
            })
            .filter(|message| {
                let mut cursor = Cursor::default();
                self.storage.0.pending.apply(message.conversation, user, &mut cursor);
                !cursor.has_received(message.seq)
            })
            .collect())
    }
}
