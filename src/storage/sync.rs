//! Catching up with everything one person sees: which conversations have changed since he last
//! heard, and what in them.

use std::collections::HashMap;

use entity::database_epoch;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    Changes, ConversationChanges, Reader, Storage, StorageError,
    conversation_list::{UNREAD, VISIBLE},
    values::Rows,
};
use crate::domain::{
    Conversation, ConversationId, Epoch, KNOWN_MAX, KnownRevs, Missed, MissedConversation, Part,
    Position, Rev, Seq, SyncLimits, Timestamp, UserId, plan_sync,
};

/// The one row of its table.
const EPOCH_ROW: i64 = 1;

#[derive(FromQueryResult)]
struct ConversationRow {
    id: Uuid,
    last_seq: i64,
    rev: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_message_at: Option<Timestamp>,
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        Self {
            id: ConversationId(row.id),
            last_seq: Seq(row.last_seq),
            rev: Rev(row.rev),
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_message_at: row.last_message_at,
            participants: vec![],
        }
    }
}

const ROW: &str =
    "SELECT c.id, c.last_seq, c.rev, c.created_at, c.updated_at, c.last_message_at FROM ";

const LISTED: &str =
    "p.left_at IS NULL AND (p.hidden_through_seq IS NULL OR c.last_seq > p.hidden_through_seq)";

impl Storage {
    /// The identity of the database.
    pub async fn epoch(&self) -> Result<Epoch, StorageError> {
        if let Some(epoch) = self.0.epoch.get(&()) {
            return Ok(epoch);
        }
        let epoch = epoch_on(&self.0.readers).await?;
        self.0.epoch.insert((), epoch.clone());
        Ok(epoch)
    }

    /// Makes the database another one in the eyes of every client.
    pub async fn renew_epoch(&self) -> Result<Epoch, StorageError> {
        let epoch = Epoch::generate();
        let renew = database_epoch::Entity::update_many()
            .col_expr(database_epoch::Column::Epoch, Expr::value(epoch.0.as_str()))
            .filter(database_epoch::Column::Id.eq(EPOCH_ROW));
        self.write_tx(move |tx| {
            Box::pin(async move {
                renew.exec(tx).await?;
                Ok(())
            })
        })
        .await?;
        Ok(epoch)
    }

    /// What `member` missed who knows `known` of the database `epoch`. Takes its turn: catching up
    /// leaves connections to those who read something else.
    pub async fn missed(
        &self,
        member: UserId,
        known: &KnownRevs,
        epoch: Option<&str>,
        limits: SyncLimits,
    ) -> Result<Missed, StorageError> {
        // Closed never.
        let _turn = self.0.catching_up.acquire().await.ok();
        self.read_as(member).await?.missed(member, known, epoch, limits).await
    }

    /// What `member` missed of one conversation, also of one that he has hidden; `None` if it is
    /// not his. Takes its turn like [`Self::missed`].
    pub async fn missed_in(
        &self,
        member: UserId,
        conversation: ConversationId,
        known: Rev,
        epoch: Option<&str>,
        limits: SyncLimits,
    ) -> Result<Option<(Epoch, MissedConversation)>, StorageError> {
        let _turn = self.0.catching_up.acquire().await.ok();
        let reader = self.read_as(member).await?;
        reader.missed_in(member, conversation, known, epoch, limits).await
    }
}

impl Reader {
    async fn missed(
        &self,
        member: UserId,
        known: &KnownRevs,
        epoch: Option<&str>,
        limits: SyncLimits,
    ) -> Result<Missed, StorageError> {
        let current = epoch_on(self.connection()).await?;
        let conversations = self.conversations_to_sync(member, known).await?;
        let positions: Vec<_> = conversations.iter().map(position).collect();
        let nothing = KnownRevs::new();
        // Numbers of another database say nothing about this one.
        let valid = if epoch.is_none_or(|epoch| epoch == current.0) { known } else { &nothing };
        let plan = plan_sync(&positions, valid, limits);
        let Changes { conversations: changes, is_whole } =
            self.changes(member, &plan.parts).await?;
        let is_complete = plan.is_complete && is_whole;

        let mut conversations: HashMap<_, _> =
            conversations.into_iter().map(|conversation| (conversation.id, conversation)).collect();
        let gone = known.keys().filter(|id| !conversations.contains_key(id)).copied().collect();
        let changed = changes
            .into_iter()
            .filter_map(|changes| Some((conversations.remove(&changes.conversation)?, changes)))
            .collect();
        let unchanged = if is_complete {
            conversations.retain(|id, _| valid.contains_key(id));
            self.with_receipts(member, conversations).await?
        } else {
            vec![]
        };
        let conversations = self.with_unread(member, changed).await?;
        Ok(Missed { epoch: current, conversations, gone, unchanged, is_complete })
    }

    async fn missed_in(
        &self,
        member: UserId,
        conversation: ConversationId,
        known: Rev,
        epoch: Option<&str>,
        limits: SyncLimits,
    ) -> Result<Option<(Epoch, MissedConversation)>, StorageError> {
        let current = epoch_on(self.connection()).await?;
        let found =
            self.own_conversations(member, [conversation], "p.left_at IS NULL").await?.pop();
        let Some(found) = found else { return Ok(None) };
        let is_same = epoch.is_none_or(|epoch| epoch == current.0);
        let known_revs = is_same.then_some((conversation, known)).into_iter().collect();
        let plan = plan_sync(&[position(&found)], &known_revs, limits);
        let unchanged = (conversation, Part::Changes { from: known, to: known });
        let parts = [plan.parts.first().copied().unwrap_or(unchanged)];
        let changes = self.changes(member, &parts).await?.conversations.pop();
        let Some(changes) = changes else { return Ok(None) };
        let missed = self.with_unread(member, vec![(found, changes)]).await?.pop();
        Ok(missed.map(|missed| (current, missed)))
    }

    /// The conversations of `member`'s list, newest activity first, and those of `known` that are
    /// too old for it; without their participants.
    async fn conversations_to_sync(
        &self,
        member: UserId,
        known: &KnownRevs,
    ) -> Result<Vec<Conversation>, StorageError> {
        let sql = format!(
            "{ROW} participants p JOIN conversations c ON c.id = p.conversation_id \
             WHERE p.user_id = $1 AND {LISTED} \
             ORDER BY COALESCE(c.last_message_at, c.created_at) DESC, c.id DESC LIMIT $2"
        );
        let limit = i64::try_from(KNOWN_MAX).unwrap_or(i64::MAX);
        let values = [member.0.into(), limit.into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = ConversationRow::find_by_statement(statement).all(self.connection()).await?;
        let mut conversations: Vec<_> = rows.into_iter().map(Conversation::from).collect();
        if conversations.len() == KNOWN_MAX {
            let mut others = known.clone();
            for conversation in &conversations {
                others.remove(&conversation.id);
            }
            conversations.extend(self.own_conversations(member, others.into_keys(), LISTED).await?);
        }
        Ok(conversations)
    }

    /// Those of these conversations that are `member`'s, without their participants.
    async fn own_conversations(
        &self,
        member: UserId,
        ids: impl IntoIterator<Item = ConversationId>,
        condition: &str,
    ) -> Result<Vec<Conversation>, StorageError> {
        let rows: Rows<2> = ids.into_iter().map(|id| [id.0.into(), member.0.into()]).collect();
        if rows.is_empty() {
            return Ok(vec![]);
        }
        let statement = rows.statement(self.backend(), |list| {
            format!(
                "{ROW} (VALUES {list}) AS v CROSS JOIN participants p \
                 JOIN conversations c ON c.id = p.conversation_id \
                 WHERE p.conversation_id = v.column1 AND p.user_id = v.column2 AND {condition}"
            )
        });
        let rows = ConversationRow::find_by_statement(statement).all(self.connection()).await?;
        Ok(rows.into_iter().map(Conversation::from).collect())
    }

    async fn with_unread(
        &self,
        member: UserId,
        changed: Vec<(Conversation, ConversationChanges)>,
    ) -> Result<Vec<MissedConversation>, StorageError> {
        let ids = changed.iter().map(|(conversation, _)| conversation.id);
        let unread = self.unread_in(member, ids).await?;
        let missed = changed.into_iter().map(|(mut conversation, changes)| {
            let ConversationChanges { part, messages, hidden, participants, .. } = changes;
            conversation.participants = participants;
            let cursor = conversation.participant(member).map(|member| member.cursor);
            MissedConversation {
                has_older: matches!(part, Part::Afresh { above, .. }
                    if above.0 > cursor.unwrap_or_default().history_from_seq),
                unread: unread.get(&conversation.id).copied().unwrap_or_default(),
                conversation,
                part,
                messages,
                hidden,
            }
        });
        Ok(missed.collect())
    }

    /// How far these conversations have been read.
    async fn with_receipts(
        &self,
        member: UserId,
        conversations: HashMap<ConversationId, Conversation>,
    ) -> Result<Vec<(Conversation, u64)>, StorageError> {
        let ids: Vec<_> = conversations.keys().copied().collect();
        let mut participants = self.storage.participants_on(self.connection(), &ids).await?;
        let unread = self.unread_in(member, ids.into_iter()).await?;
        let conversations = conversations.into_iter().map(|(id, mut conversation)| {
            conversation.participants = participants.remove(&id).unwrap_or_default();
            (conversation, unread.get(&id).copied().unwrap_or_default())
        });
        Ok(conversations.collect())
    }

    /// What `member` has not read in each of these conversations.
    async fn unread_in(
        &self,
        member: UserId,
        ids: impl Iterator<Item = ConversationId>,
    ) -> Result<HashMap<ConversationId, u64>, StorageError> {
        let rows: Rows<2> = ids.map(|id| [id.0.into(), member.0.into()]).collect();
        if rows.is_empty() {
            return Ok(HashMap::new());
        }
        let statement = rows.statement(self.backend(), |list| {
            format!(
                "SELECT p.conversation_id, (SELECT count(*) FROM messages m \
                 WHERE {VISIBLE} AND {UNREAD}) FROM (VALUES {list}) AS v \
                 CROSS JOIN participants p WHERE p.conversation_id = v.column1 \
                 AND p.user_id = v.column2"
            )
        });
        let mut unread = HashMap::new();
        for row in self.connection().query_all_raw(statement).await? {
            let count: i64 = row.try_get_by_index(1)?;
            let id = ConversationId(row.try_get_by_index(0)?);
            unread.insert(id, count.try_into().unwrap_or(0));
        }
        Ok(unread)
    }
}

fn position(conversation: &Conversation) -> Position {
    let Conversation { id, rev, last_seq, .. } = conversation;
    Position { conversation: *id, rev: *rev, last_seq: *last_seq }
}

async fn epoch_on(connection: &impl ConnectionTrait) -> Result<Epoch, StorageError> {
    let row = database_epoch::Entity::find_by_id(EPOCH_ROW).one(connection).await?;
    Ok(Epoch(row.map(|row| row.epoch).unwrap_or_default()))
}
