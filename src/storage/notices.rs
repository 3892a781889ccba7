//! Notices: they become notifications with their cause, many in one statement.

use std::collections::HashMap;

use entity::notification;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Value, sea_query::Expr,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Storage, StorageError, Tx, values::Rows};
use crate::domain::{
    Cause, MessageId, Notice, Notification, NotificationId, OnlineUsers, Timestamp, UserId,
};

/// What tells the notices of one insert apart.
#[derive(Debug, FromQueryResult, PartialEq, Eq, Hash)]
struct Key {
    user_id: i64,
    actor_id: Option<i64>,
    verb: String,
    message_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct Inserted {
    id: i64,
    #[sea_orm(nested)]
    key: Key,
}

impl Storage {
    /// Stores notices in one statement; the notification of each in their order, `None` for those
    /// told before and for messages nobody waits to be told of. No two may agree in recipient, actor, verb and message.
    pub async fn insert_notifications(
        &self,
        tx: &Tx,
        notices: Vec<Notice>,
        at: Timestamp,
    ) -> Result<Vec<Option<Notification>>, StorageError> {
        if notices.is_empty() {
            return Ok(vec![]);
        }
        let is_awaited = notices.iter().any(|notice| self.is_awaited(notice));
        let returning =
            if is_awaited { "RETURNING id, user_id, actor_id, verb, message_id" } else { "" };
        let rows: Rows<7> = notices.iter().map(|notice| row(notice, at)).collect();
        let statement = rows.statement(tx.get_database_backend(), |list| {
            format!(
                "INSERT INTO notifications (user_id, actor_id, verb, message_id, text, payload, \
                 is_read, created_at, updated_at) \
                 SELECT column1, column2, column3, column4, column5, column6, FALSE, column7, \
                 column7 FROM (VALUES {list}) AS v WHERE column1 IS NOT NULL \
                 ON CONFLICT DO NOTHING {returning}"
            )
        });
        if !is_awaited {
            tx.execute_raw(statement).await?;
            return Ok(vec![None; notices.len()]);
        }
        let inserted = Inserted::find_by_statement(statement).all(tx).await?;
        let ids: HashMap<_, _> = inserted.into_iter().map(|row| (row.key, row.id)).collect();
        let stored = notices.into_iter().map(|notice| {
            let id = ids.get(&key(&notice))?;
            Some(Notification {
                id: NotificationId(*id),
                notice,
                is_read: false,
                created_at: at,
                updated_at: at,
            })
        });
        Ok(stored.collect())
    }

    /// Lets the unread notification of a reaction speak of a new one by the same person to the same
    /// message; `false` if there is none.
    pub async fn renew_reaction_notification(
        &self,
        tx: &Tx,
        message: MessageId,
        actor: UserId,
        reaction: &str,
        at: Timestamp,
    ) -> Result<bool, StorageError> {
        let payload = json!({"reaction_type": reaction}).to_string();
        let renewed = notification::Entity::update_many()
            .col_expr(notification::Column::Payload, Expr::value(payload))
            .col_expr(notification::Column::UpdatedAt, Expr::value(at))
            .filter(notification::Column::MessageId.eq(message.0))
            .filter(notification::Column::ActorId.eq(actor.0))
            // As the partial index has it.
            .filter(Expr::cust("verb = 'reaction' AND NOT is_read"))
            .exec(tx)
            .await?;
        Ok(renewed.rows_affected > 0)
    }

    /// Whether somebody has to know the stored notification. Every row given back is a hand-over
    /// between threads on `SQLite`, and most people read their notifications from the list.
    fn is_awaited(&self, notice: &Notice) -> bool {
        let is_of_message = matches!(notice.cause, Cause::Message(_) | Cause::Reply(_));
        !is_of_message || self.0.notification_listeners.contains(notice.recipient.id)
    }

    /// The people who are told of notifications as they come. The chat server keeps it.
    pub fn notification_listeners(&self) -> &OnlineUsers {
        &self.0.notification_listeners
    }
}

/// In the order of the insert.
fn row(notice: &Notice, at: Timestamp) -> [Value; 7] {
    let key = key(notice);
    let (text, payload) = match &notice.cause {
        Cause::Message(_) | Cause::Reply(_) | Cause::Follow => (None, None),
        Cause::Reaction { reaction, .. } => {
            (None, Some(json!({"reaction_type": reaction}).to_string()))
        }
        Cause::Other { text, payload, .. } => {
            (Some(text.clone()), Some(Json::Object(payload.clone()).to_string()))
        }
    };
    [
        key.user_id.into(),
        key.actor_id.into(),
        key.verb.into(),
        key.message_id.into(),
        text.into(),
        payload.into(),
        at.into(),
    ]
}

fn key(notice: &Notice) -> Key {
    Key {
        user_id: notice.recipient.id.0,
        actor_id: notice.actor.as_ref().map(|actor| actor.id.0),
        verb: notice.cause.verb().to_owned(),
        message_id: notice.cause.message().map(|message| message.0),
    }
}
