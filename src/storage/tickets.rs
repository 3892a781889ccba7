//! Tickets that open one WebSocket each, on any server of the database.

use entity::ws_ticket;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult,
    QueryFilter, Statement,
};

use super::{Storage, StorageError, Tx};
use crate::domain::{Timestamp, UserId};

/// Unused tickets one user may have.
const TICKETS_OF_USER: i64 = 10;

#[derive(FromQueryResult)]
struct Redeemed {
    user_id: i64,
    expires_at: Timestamp,
}

impl Storage {
    /// Keeps a ticket until it is used or expires. Further ones make the oldest of the user useless.
    pub async fn insert_ticket(
        &self,
        tx: &Tx,
        hash: &str,
        user: UserId,
        expires_at: Timestamp,
    ) -> Result<(), StorageError> {
        let row = ws_ticket::ActiveModel {
            hash: Set(hash.to_owned()),
            user_id: Set(user.0),
            expires_at: Set(expires_at),
        };
        row.insert(tx).await?;
        let sql = "DELETE FROM ws_tickets WHERE user_id = $1 AND hash NOT IN (\
                   SELECT hash FROM ws_tickets WHERE user_id = $2 \
                   ORDER BY expires_at DESC, hash LIMIT $3)";
        let values = [user.0.into(), user.0.into(), TICKETS_OF_USER.into()];
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        tx.execute_raw(statement).await?;
        Ok(())
    }

    /// Uses a ticket up. Whose it was, unless it is used, expired or made up.
    pub async fn redeem_ticket(
        &self,
        tx: &Tx,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<UserId>, StorageError> {
        let sql = "DELETE FROM ws_tickets WHERE hash = $1 RETURNING user_id, expires_at";
        let backend = tx.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [hash.into()]);
        let redeemed = Redeemed::find_by_statement(statement).one(tx).await?;
        Ok(redeemed.filter(|ticket| ticket.expires_at > now).map(|ticket| UserId(ticket.user_id)))
    }

    /// Makes the unused tickets of a user useless.
    pub async fn drop_tickets(&self, tx: &Tx, user: UserId) -> Result<(), StorageError> {
        ws_ticket::Entity::delete_many()
            .filter(ws_ticket::Column::UserId.eq(user.0))
            .exec(tx)
            .await?;
        Ok(())
    }
}
