//! Who belongs to a conversation now. Whoever has left is a stranger to it.

use std::collections::HashSet;

use entity::participant;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{Storage, StorageError, Tx, values::Rows};
use crate::domain::{ConversationId, DirectPair, UserId};

/// Members of direct conversations that are not as they usually are.
#[derive(Clone, Debug, Default)]
pub struct Standings {
    /// Who has left the conversation of the pair.
    pub left: HashSet<(DirectPair, UserId)>,
    /// Who has it hidden from his list until something new happens in it.
    pub hidden: HashSet<(DirectPair, UserId)>,
}

#[derive(FromQueryResult)]
struct StandingRow {
    direct_key: String,
    user_id: i64,
    has_left: bool,
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
        let mut members = members(reader.connection(), conversation).await?;
        let before = members.len();
        members.retain(|user| *user != member);
        Ok((members.len() < before).then_some(members))
    }

    /// How these pairs stand to the conversations they share.
    pub async fn standings(
        &self,
        tx: &Tx,
        pairs: impl IntoIterator<Item = DirectPair>,
    ) -> Result<Standings, StorageError> {
        let pairs: HashSet<_> = pairs.into_iter().collect();
        let mut standings = Standings::default();
        if pairs.is_empty() {
            return Ok(standings);
        }
        let keys: Rows<1> = pairs.iter().map(|pair| [pair.key().into()]).collect();
        let statement = keys.statement(tx.get_database_backend(), |list| {
            format!(
                "SELECT c.direct_key, p.user_id, p.left_at IS NOT NULL AS has_left \
                 FROM (VALUES {list}) AS v \
                 CROSS JOIN conversations c JOIN participants p ON p.conversation_id = c.id \
                 WHERE c.direct_key = v.column1 \
                 AND (p.left_at IS NOT NULL OR p.hidden_through_seq >= c.last_seq)"
            )
        });
        for row in StandingRow::find_by_statement(statement).all(tx).await? {
            let Some(pair) = DirectPair::from_key(&row.direct_key) else { continue };
            let kind = if row.has_left { &mut standings.left } else { &mut standings.hidden };
            kind.insert((pair, UserId(row.user_id)));
        }
        Ok(standings)
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
