//! Who belongs to a conversation now. Whoever has left is a stranger to it.

use std::collections::HashSet;

use entity::participant;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{Storage, StorageError, Tx, values::Rows};
use crate::domain::{ConversationId, DirectPair, UserId};

#[derive(FromQueryResult)]
struct LeaverRow {
    direct_key: String,
    user_id: i64,
}

impl Storage {
    /// The members of a conversation, inside a transaction.
    pub async fn members_in(
        &self,
        tx: &Tx,
        conversation: ConversationId,
    ) -> Result<Vec<UserId>, StorageError> {
        members(tx, conversation).await
    }

    /// The other members of a conversation `member` belongs to; `None` for a foreign one as for a
    /// missing one.
    pub async fn companions(
        &self,
        conversation: ConversationId,
        member: UserId,
    ) -> Result<Option<Vec<UserId>>, StorageError> {
        let reader = self.read_as(member).await?;
        let mut members = members(&reader.connection(), conversation).await?;
        let before = members.len();
        members.retain(|user| *user != member);
        Ok((members.len() < before).then_some(members))
    }

    /// Who of these pairs has left the conversation they share.
    pub async fn leavers(
        &self,
        tx: &Tx,
        pairs: impl IntoIterator<Item = DirectPair>,
    ) -> Result<HashSet<(DirectPair, UserId)>, StorageError> {
        let pairs: HashSet<_> = pairs.into_iter().collect();
        if pairs.is_empty() {
            return Ok(HashSet::new());
        }
        let keys: Rows<1> = pairs.iter().map(|pair| [pair.key().into()]).collect();
        let statement = keys.statement(tx.get_database_backend(), |list| {
            format!(
                "SELECT c.direct_key, p.user_id FROM (VALUES {list}) AS v \
                 CROSS JOIN conversations c JOIN participants p ON p.conversation_id = c.id \
                 WHERE c.direct_key = v.column1 AND p.left_at IS NOT NULL"
            )
        });
        let rows = LeaverRow::find_by_statement(statement).all(tx).await?;
        let leavers = rows
            .into_iter()
            .filter_map(|row| Some((DirectPair::from_key(&row.direct_key)?, UserId(row.user_id))));
        Ok(leavers.collect())
    }
}

async fn members(
    connection: &impl ConnectionTrait,
    conversation: ConversationId,
) -> Result<Vec<UserId>, StorageError> {
    let ids: Vec<i64> = participant::Entity::find()
        .select_only()
        .column(participant::Column::UserId)
        .filter(participant::Column::ConversationId.eq(conversation.0))
        .filter(participant::Column::LeftAt.is_null())
        .order_by_asc(participant::Column::UserId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.into_iter().map(UserId).collect())
}
