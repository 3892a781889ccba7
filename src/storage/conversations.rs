//! Conversations and their members.

use std::collections::HashMap;

use entity::{conversation, participant};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement};

use super::{Reader, Storage, StorageError, Tx};
use crate::domain::{
    Conversation, ConversationId, Cursor, DirectPair, Participant, Person, Rev, Seq, UserId,
};

impl Storage {
    /// The pair of a direct conversation, if it exists; one of them may have left it.
    pub async fn pair_of(
        &self,
        tx: &Tx,
        conversation: ConversationId,
    ) -> Result<Option<DirectPair>, StorageError> {
        if let Some(pair) = self.0.pairs.get(&conversation) {
            return Ok(Some(pair));
        }
        let row = conversation::Entity::find_by_id(conversation.0).one(tx).await?;
        let pair = row.and_then(|row| row.direct_key).and_then(|key| DirectPair::from_key(&key));
        if let Some(pair) = pair {
            self.0.pairs.insert(conversation, pair);
        }
        Ok(pair)
    }

    /// [`Reader::conversation`] inside a transaction that writes.
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
        Participant { person, cursor, hidden_through: Seq(row.hidden_through_seq.unwrap_or(0)) }
    }
}

impl Reader {
    /// A conversation `member` belongs to; `None` for a foreign one as for a missing one.
    pub async fn conversation(
        &self,
        id: ConversationId,
        member: UserId,
    ) -> Result<Option<Conversation>, StorageError> {
        self.storage.conversation_on(&self.connection(), id, member).await
    }

    /// The conversation two people share, if they have one.
    pub async fn conversation_of_pair(
        &self,
        pair: DirectPair,
        member: UserId,
    ) -> Result<Option<Conversation>, StorageError> {
        let row = conversation::Entity::find()
            .filter(conversation::Column::DirectKey.eq(pair.key()))
            .one(&self.connection())
            .await?;
        match row {
            Some(row) => self.conversation(ConversationId(row.id), member).await,
            None => Ok(None),
        }
    }

    /// Everybody who shares a conversation with `member`, at most `limit`.
    pub async fn peers(&self, member: UserId, limit: u64) -> Result<Vec<UserId>, StorageError> {
        let sql = "SELECT DISTINCT o.user_id FROM participants p \
                   JOIN participants o ON o.conversation_id = p.conversation_id \
                   WHERE p.user_id = $1 AND o.user_id <> $1 AND p.left_at IS NULL \
                   AND o.left_at IS NULL LIMIT $2";
        let values = [member.0.into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self.connection().query_all_raw(statement).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(UserId));
        Ok(ids.collect::<Result<_, _>>()?)
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
