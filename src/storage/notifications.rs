//! Notifications: listed, marked as read, removed. How they come into being: `notices.rs`.

use std::collections::{HashMap, HashSet};

use entity::{message, message_hidden, notification, participant};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Statement,
    sea_query::{Expr, Query},
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{Reader, Storage, StorageError, Tx, values::list};
use crate::domain::{
    Cause, Excerpt, Message, MessageId, Notice, Notification, NotificationId, Person, Timestamp,
    UserId,
};

/// Which notifications to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotificationFilter<'a> {
    pub is_read: Option<bool>,
    pub verb: Option<&'a str>,
}

impl Storage {
    /// [`Reader::unread_notifications`] inside a transaction.
    pub async fn unread_notifications_in(
        &self,
        tx: &Tx,
        user: UserId,
    ) -> Result<u64, StorageError> {
        Ok(of(user).filter(Expr::cust(UNREAD)).count(tx).await?)
    }

    /// Marks one notification of `user` as read, or all. The number of those that were unread; `None`
    /// for one that is not his.
    pub async fn mark_notifications_read(
        &self,
        tx: &Tx,
        user: UserId,
        only: Option<NotificationId>,
        at: Timestamp,
    ) -> Result<Option<u64>, StorageError> {
        let mut update = notification::Entity::update_many()
            .col_expr(notification::Column::IsRead, Expr::value(true))
            .col_expr(notification::Column::UpdatedAt, Expr::value(at))
            .filter(notification::Column::UserId.eq(user.0))
            .filter(Expr::cust(UNREAD));
        if let Some(id) = only {
            let own = of(user).filter(notification::Column::Id.eq(id.0)).one(tx).await?;
            if own.is_none() {
                return Ok(None);
            }
            update = update.filter(notification::Column::Id.eq(id.0));
        }
        Ok(Some(update.exec(tx).await?.rows_affected))
    }

    /// Removes a notification of `user`; `None` for one that is not his, else whether it was unread.
    pub async fn delete_notification(
        &self,
        tx: &Tx,
        user: UserId,
        id: NotificationId,
    ) -> Result<Option<bool>, StorageError> {
        let own = of(user).filter(notification::Column::Id.eq(id.0)).one(tx).await?;
        let Some(own) = own else { return Ok(None) };
        notification::Entity::delete_by_id(own.id).exec(tx).await?;
        Ok(Some(!own.is_read))
    }
}

impl Reader {
    /// The newest notifications of `user`, newest first.
    pub async fn notifications(
        &self,
        user: &Person,
        filter: NotificationFilter<'_>,
        limit: u64,
    ) -> Result<Vec<Notification>, StorageError> {
        let mut select = of(user.id).order_by_desc(notification::Column::Id).limit(limit);
        if let Some(is_read) = filter.is_read {
            select = select.filter(Expr::cust(if is_read { "is_read" } else { UNREAD }));
        }
        if let Some(verb) = filter.verb {
            select = select.filter(notification::Column::Verb.eq(verb));
        }
        let rows = select.all(self.connection()).await?;
        self.shown(user, rows).await
    }

    /// One notification; `None` for a foreign one as for a missing one.
    pub async fn notification(
        &self,
        user: &Person,
        id: NotificationId,
    ) -> Result<Option<Notification>, StorageError> {
        let row = of(user.id).filter(notification::Column::Id.eq(id.0));
        let row = row.one(self.connection()).await?;
        Ok(self.shown(user, row.into_iter().collect()).await?.pop())
    }

    /// Notifications of `user` with a number above `after`, oldest first.
    pub async fn notifications_after(
        &self,
        user: &Person,
        after: NotificationId,
        limit: u64,
    ) -> Result<Vec<Notification>, StorageError> {
        let rows = of(user.id)
            .filter(notification::Column::Id.gt(after.0))
            .order_by_asc(notification::Column::Id)
            .limit(limit)
            .all(self.connection())
            .await?;
        self.shown(user, rows).await
    }

    /// The numbers of the newest notifications of `user`: those that reach at most `window` below
    /// his last one.
    pub async fn last_notifications(
        &self,
        user: UserId,
        window: i64,
    ) -> Result<Vec<NotificationId>, StorageError> {
        let sql = "SELECT id FROM notifications WHERE user_id = $1 AND id >= \
                   (SELECT coalesce(max(id), 0) FROM notifications WHERE user_id = $2) - $3 \
                   ORDER BY id";
        let values = [user.0.into(), user.0.into(), window.into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self.connection().query_all_raw(statement).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(NotificationId));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Those of these people who have a notification above the number beside them. PostgreSQL only.
    pub async fn notified_beyond(
        &self,
        known: &[(UserId, NotificationId)],
    ) -> Result<Vec<UserId>, StorageError> {
        if known.is_empty() {
            return Ok(vec![]);
        }
        let sql = "SELECT k.id FROM unnest(string_to_array($1, ',')::bigint[], \
                   string_to_array($2, ',')::bigint[]) AS k(id, last) \
                   WHERE EXISTS (SELECT 1 FROM notifications n \
                   WHERE n.user_id = k.id AND n.id > k.last)";
        let values = [
            list(known.iter().map(|(user, _)| user)).into(),
            list(known.iter().map(|(_, id)| id.0)).into(),
        ];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let rows = self.connection().query_all_raw(statement).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(UserId));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// How many notifications `user` marked as read when he did so last.
    pub async fn marked_together(&self, user: UserId) -> Result<u64, StorageError> {
        let sql = "SELECT count(*) FROM notifications WHERE user_id = $1 AND is_read \
                   AND updated_at = (SELECT max(updated_at) FROM notifications \
                   WHERE user_id = $2 AND is_read)";
        let values = [user.0.into(), user.0.into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let row = self.connection().query_one_raw(statement).await?;
        let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or(0))
    }

    pub async fn unread_notifications(&self, user: UserId) -> Result<u64, StorageError> {
        Ok(of(user).filter(Expr::cust(UNREAD)).count(self.connection()).await?)
    }

    /// Rows with everything that is shown of them: two more queries, however many rows.
    async fn shown(
        &self,
        user: &Person,
        rows: Vec<notification::Model>,
    ) -> Result<Vec<Notification>, StorageError> {
        let connection = self.connection();
        let actors = rows.iter().filter_map(|row| row.actor_id).map(UserId);
        let actors = self.storage.people_on(connection, actors.collect::<HashSet<_>>()).await?;
        let messages: HashSet<_> = rows.iter().filter_map(|row| row.message_id).collect();
        let excerpts = excerpts(connection, user.id, messages).await?;
        let shown = rows.into_iter().map(|row| Notification {
            id: NotificationId(row.id),
            is_read: row.is_read,
            created_at: row.created_at,
            updated_at: row.updated_at,
            notice: Notice {
                recipient: user.clone(),
                actor: row.actor_id.and_then(|id| actors.get(&UserId(id)).cloned()),
                cause: cause(row, &excerpts),
            },
        });
        Ok(shown.collect())
    }
}

/// As the partial index has it.
const UNREAD: &str = "NOT is_read";

fn of(user: UserId) -> Select<notification::Entity> {
    notification::Entity::find().filter(notification::Column::UserId.eq(user.0))
}

/// The cause a row tells of, if it is told of at all as its verb demands.
fn cause(row: notification::Model, excerpts: &HashMap<MessageId, Excerpt>) -> Cause {
    let message = row.message_id.map(MessageId);
    let excerpt = |id| excerpts.get(&id).cloned().unwrap_or_else(|| Excerpt::of_missing(id));
    let payload = row.payload.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let payload: Map<String, Json> = payload.unwrap_or_default();
    if let Some(text) = row.text {
        return Cause::Other { verb: row.verb, text, payload };
    }
    match (row.verb.as_str(), message) {
        (Cause::MESSAGE, Some(id)) => Cause::Message(excerpt(id)),
        (Cause::REPLY, Some(id)) => Cause::Reply(excerpt(id)),
        (Cause::REACTION, Some(message)) => Cause::Reaction {
            message,
            reaction: payload
                .get("reaction_type")
                .and_then(Json::as_str)
                .unwrap_or_default()
                .into(),
        },
        (Cause::FOLLOW, None) => Cause::Follow,
        (_, _) => Cause::Other { verb: row.verb, text: String::new(), payload },
    }
}

/// What `viewer` still sees of these messages.
async fn excerpts(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    messages: HashSet<Uuid>,
) -> Result<HashMap<MessageId, Excerpt>, StorageError> {
    if messages.is_empty() {
        return Ok(HashMap::new());
    }
    let hidden = Query::select()
        .column(message_hidden::Column::MessageId)
        .from(message_hidden::Entity)
        .and_where(message_hidden::Column::UserId.eq(viewer.0))
        .and_where(message_hidden::Column::MessageId.is_in(messages.iter().copied()))
        .to_owned();
    let own = Query::select()
        .column(participant::Column::ConversationId)
        .from(participant::Entity)
        .and_where(participant::Column::UserId.eq(viewer.0))
        .and_where(participant::Column::LeftAt.is_null())
        .to_owned();
    let rows = message::Entity::find()
        .filter(message::Column::Id.is_in(messages))
        .filter(message::Column::ConversationId.in_subquery(own))
        .filter(
            Condition::all()
                .add(message::Column::DeletedAt.is_null())
                .add(message::Column::Id.not_in_subquery(hidden)),
        )
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (MessageId(row.id), Excerpt::of(&Message::from(row)))).collect())
}
