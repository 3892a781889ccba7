//! What happens to a message after it was sent: edits, deletions, reactions.

use entity::{message, message_edit, message_hidden, reaction};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{Storage, StorageError, Tx};
use crate::domain::{Message, MessageId, Rev, Timestamp, UserId};

impl Storage {
    /// A message `user` may act on: of a conversation of his, neither deleted nor hidden by him.
    pub async fn message_for(
        &self,
        tx: &Tx,
        id: MessageId,
        user: UserId,
    ) -> Result<Option<Message>, StorageError> {
        let Some(message) = self.messages_by_id(tx, [id]).await?.remove(&id) else {
            return Ok(None);
        };
        if message.deleted_at.is_some()
            || !self.members_in(tx, message.conversation).await?.contains(&user)
        {
            return Ok(None);
        }
        let hidden = message_hidden::Entity::find_by_id((id.0, user.0)).one(tx).await?;
        Ok(hidden.is_none().then_some(message))
    }

    /// Gives a message a new text and keeps the old one.
    pub async fn rewrite_message(
        &self,
        tx: &Tx,
        message: &Message,
        text: &str,
        rev: Rev,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let old = message_edit::ActiveModel {
            message_id: Set(message.id.0),
            rev: Set(rev.0),
            old_content: Set(message.content.clone()),
            edited_at: Set(at),
        };
        old.insert(tx).await?;
        message::Entity::update_many()
            .col_expr(message::Column::Content, Expr::value(text))
            .col_expr(message::Column::Rev, Expr::value(rev.0))
            .col_expr(message::Column::EditedAt, Expr::value(at))
            .filter(message::Column::Id.eq(message.id.0))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Deletes a message for everybody. The row stays: others learn of the deletion by it, and
    /// moderators can still see what it said.
    pub async fn delete_message(
        &self,
        tx: &Tx,
        id: MessageId,
        by: UserId,
        rev: Rev,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        message::Entity::update_many()
            .col_expr(message::Column::DeletedAt, Expr::value(at))
            .col_expr(message::Column::DeletedBy, Expr::value(by.0))
            .col_expr(message::Column::Rev, Expr::value(rev.0))
            .filter(message::Column::Id.eq(id.0))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Deletes a message for one member. Its row stays as it is: nobody else learns of it.
    pub async fn hide_message(
        &self,
        tx: &Tx,
        message: &Message,
        member: UserId,
        rev: Rev,
    ) -> Result<(), StorageError> {
        let row = message_hidden::ActiveModel {
            message_id: Set(message.id.0),
            user_id: Set(member.0),
            conversation_id: Set(Some(message.conversation.0)),
            rev: Set(rev.0),
        };
        row.insert(tx).await?;
        Ok(())
    }

    /// Who has deleted a message for himself.
    pub async fn hidden_by(&self, tx: &Tx, id: MessageId) -> Result<Vec<UserId>, StorageError> {
        let rows = message_hidden::Entity::find()
            .select_only()
            .column(message_hidden::Column::UserId)
            .filter(message_hidden::Column::MessageId.eq(id.0))
            .into_tuple::<i64>()
            .all(tx);
        Ok(rows.await?.into_iter().map(UserId).collect())
    }

    pub async fn reaction_of(
        &self,
        tx: &Tx,
        message: MessageId,
        user: UserId,
    ) -> Result<Option<String>, StorageError> {
        let row = reaction::Entity::find_by_id((message.0, user.0)).one(tx).await?;
        Ok(row.map(|row| row.reaction))
    }

    /// Gives or takes back a member's reaction.
    pub async fn set_reaction(
        &self,
        tx: &Tx,
        message: MessageId,
        user: UserId,
        reaction: Option<&str>,
        rev: Rev,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        match reaction {
            Some(reaction) => {
                let row = reaction::ActiveModel {
                    message_id: Set(message.0),
                    user_id: Set(user.0),
                    reaction: Set(reaction.to_owned()),
                    created_at: Set(at),
                };
                let replace =
                    OnConflict::columns([reaction::Column::MessageId, reaction::Column::UserId])
                        .update_columns([reaction::Column::Reaction, reaction::Column::CreatedAt])
                        .to_owned();
                reaction::Entity::insert(row)
                    .on_conflict(replace)
                    .exec_without_returning(tx)
                    .await?;
            }
            None => {
                reaction::Entity::delete_by_id((message.0, user.0)).exec(tx).await?;
            }
        }
        message::Entity::update_many()
            .col_expr(message::Column::Rev, Expr::value(rev.0))
            .filter(message::Column::Id.eq(message.0))
            .exec(tx)
            .await?;
        Ok(())
    }
}
