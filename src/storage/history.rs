//! Pages of history, as one member sees them.

use std::collections::HashMap;

use entity::{message, message_hidden};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Statement,
    sea_query::{Expr, Query},
};

use super::{Reader, StorageError, messages::cursors};
use crate::domain::{ConversationId, Message, MessageDetails, MessageId, Participant, Seq};

/// Where a page of history begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStart {
    Newest,
    /// Messages older than this one.
    Before(Seq),
    /// So many messages before the newest.
    Skip(u64),
}

/// Messages in the order of their sequence numbers.
#[derive(Clone, Debug)]
pub struct Page {
    pub messages: Vec<MessageDetails>,
    /// Whether there are older ones.
    pub has_more: bool,
}

impl Reader {
    /// One message of a conversation the caller has checked; `None` if `viewer` does not see it.
    pub async fn visible_message(
        &self,
        id: MessageId,
        viewer: &Participant,
    ) -> Result<Option<Message>, StorageError> {
        let row = message::Entity::find_by_id(id.0).filter(visible(viewer));
        Ok(row.one(self.connection()).await?.map(Message::from))
    }

    /// A page of what `viewer` sees of a conversation, at most `limit` messages.
    pub async fn history(
        &self,
        conversation: ConversationId,
        participants: &[Participant],
        viewer: &Participant,
        start: PageStart,
        limit: u64,
    ) -> Result<Page, StorageError> {
        let mut select = in_conversation(conversation)
            .filter(visible(viewer))
            .order_by_desc(message::Column::Seq)
            // One more tells whether there are older ones.
            .limit(limit + 1);
        select = match start {
            PageStart::Newest => select,
            PageStart::Before(seq) => select.filter(message::Column::Seq.lt(seq.0)),
            PageStart::Skip(messages) => select.offset(messages),
        };
        let mut rows = select.all(self.connection()).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let messages: Vec<_> = rows.into_iter().rev().map(Message::from).collect();
        let cursors = HashMap::from([(conversation, cursors(participants))]);
        let messages = self.storage.details_on(self.connection(), messages, &cursors).await?;
        Ok(Page { messages, has_more })
    }

    /// How many messages of a conversation `viewer` sees. Counts what is missing, by indexes that
    /// hold nothing else: the cost does not grow with history.
    pub async fn history_length(
        &self,
        conversation: ConversationId,
        last_seq: Seq,
        viewer: &Participant,
    ) -> Result<u64, StorageError> {
        let from = viewer.cursor.history_from_seq;
        // Without statistics SQLite would take the index of all messages. And a join might be driven
        // from all messages of the conversation instead of the few that are hidden.
        let index =
            if self.backend() == DbBackend::Sqlite { "INDEXED BY messages_deleted" } else { "" };
        let sql = format!(
            "SELECT (SELECT count(*) FROM messages m {index} WHERE m.conversation_id = $1 \
             AND m.seq > $2 AND m.deleted_at IS NOT NULL) + \
             (SELECT count(*) FROM message_hidden h WHERE h.user_id = $3 AND \
             (SELECT m.conversation_id FROM messages m WHERE m.id = h.message_id AND m.seq > $5 \
             AND m.deleted_at IS NULL) = $4)"
        );
        let (id, user) = (conversation.0, viewer.person.id.0);
        let values = [id.into(), from.into(), user.into(), id.into(), from.into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let row = self.connection().query_one_raw(statement).await?;
        let gone: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(u64::try_from(last_seq.0 - from - gone).unwrap_or(0))
    }
}

fn in_conversation(conversation: ConversationId) -> Select<message::Entity> {
    message::Entity::find().filter(message::Column::ConversationId.eq(conversation.0))
}

/// Neither deleted, nor hidden by the viewer, nor from before his time.
fn visible(viewer: &Participant) -> Condition {
    Condition::all()
        .add(message::Column::Seq.gt(viewer.cursor.history_from_seq))
        .add(message::Column::DeletedAt.is_null())
        .add(hidden_for(viewer).not())
}

fn hidden_for(viewer: &Participant) -> Expr {
    let hidden = Query::select()
        .expr(Expr::val(1))
        .from(message_hidden::Entity)
        .and_where(
            Expr::col((message_hidden::Entity, message_hidden::Column::MessageId))
                .equals((message::Entity, message::Column::Id)),
        )
        .and_where(message_hidden::Column::UserId.eq(viewer.person.id.0))
        .to_owned();
    Expr::exists(hidden)
}
