//! Messages posted over REST that a WebSocket repeat may still claim (contract §2.6).

use entity::rest_echo;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Storage, StorageError, Tx};
use crate::domain::{ConversationId, MessageId, Timestamp, UserId};

/// A message that may be claimed once.
#[derive(Clone, Debug)]
pub struct RestEcho {
    pub message: MessageId,
    pub sender: UserId,
    pub conversation: ConversationId,
    pub created_at: Timestamp,
}

impl Storage {
    /// What these senders posted since `since`, oldest first.
    pub async fn rest_echoes(
        &self,
        tx: &Tx,
        senders: &[UserId],
        since: Timestamp,
    ) -> Result<Vec<RestEcho>, StorageError> {
        if senders.is_empty() {
            return Ok(vec![]);
        }
        let rows = rest_echo::Entity::find()
            .filter(rest_echo::Column::SenderId.is_in(senders.iter().map(|sender| sender.0)))
            .filter(rest_echo::Column::CreatedAt.gte(since))
            .order_by_asc(rest_echo::Column::MessageId)
            .all(tx)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| RestEcho {
                message: MessageId(row.message_id),
                sender: UserId(row.sender_id),
                conversation: ConversationId(row.conversation_id),
                created_at: row.created_at,
            })
            .collect())
    }

    /// `false` when somebody else claimed it first.
    pub async fn claim_rest_echo(&self, tx: &Tx, message: MessageId) -> Result<bool, StorageError> {
        let claimed = rest_echo::Entity::delete_by_id(message.0).exec(tx).await?;
        Ok(claimed.rows_affected == 1)
    }

    /// Remembers new ones and forgets those of the same senders that are too old.
    pub async fn remember_rest_echoes(
        &self,
        tx: &Tx,
        echoes: &[RestEcho],
        forget_before: Timestamp,
    ) -> Result<(), StorageError> {
        if echoes.is_empty() {
            return Ok(());
        }
        rest_echo::Entity::delete_many()
            .filter(rest_echo::Column::SenderId.is_in(echoes.iter().map(|echo| echo.sender.0)))
            .filter(rest_echo::Column::CreatedAt.lt(forget_before))
            .exec(tx)
            .await?;
        let rows = echoes.iter().map(|echo| rest_echo::ActiveModel {
            message_id: Set(echo.message.0),
            sender_id: Set(echo.sender.0),
            conversation_id: Set(echo.conversation.0),
            created_at: Set(echo.created_at),
        });
        rest_echo::Entity::insert_many(rows).exec_without_returning(tx).await?;
        Ok(())
    }
}
