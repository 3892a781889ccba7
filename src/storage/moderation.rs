//! What administrators see: everything, deleted messages included.

use std::collections::{HashMap, HashSet};

use entity::{conversation, message, message_edit, participant, user};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, Func, LikeExpr},
};
use uuid::Uuid;

use super::{Reader, Storage, StorageError, people::escaped};
use crate::domain::{
    ConversationId, Edit, MessageId, ModeratedConversation, ModeratedMessage, Rev, Seq, User,
    UserId,
};

impl Storage {
    /// How many users match: by user name, names or e-mail address, deactivated ones included.
    pub async fn account_count(&self, search: &str) -> Result<u64, StorageError> {
        Ok(accounts(search).count(&self.0.readers).await?)
    }

    /// Users who match, in the order of their ids.
    pub async fn accounts(
        &self,
        search: &str,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<User>, StorageError> {
        let rows = accounts(search)
            .order_by_asc(user::Column::Id)
            .offset(offset)
            .limit(limit)
            .all(&self.0.readers);
        Ok(rows.await?.into_iter().map(User::from).collect())
    }
}

impl Reader {
    pub async fn conversation_count_of(&self, user: UserId) -> Result<u64, StorageError> {
        let memberships =
            participant::Entity::find().filter(participant::Column::UserId.eq(user.0));
        Ok(memberships.count(self.connection()).await?)
    }

    /// The conversations somebody belongs to or has belonged to, the newest first.
    pub async fn conversations_of(
        &self,
        user: UserId,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<ModeratedConversation>, StorageError> {
        let ids: Vec<Uuid> = participant::Entity::find()
            .select_only()
            .column(participant::Column::ConversationId)
            .filter(participant::Column::UserId.eq(user.0))
            // Ids made later sort later.
            .order_by_desc(participant::Column::ConversationId)
            .offset(offset)
            .limit(limit)
            .into_tuple()
            .all(self.connection())
            .await?;
        let rows = conversation::Entity::find()
            .filter(conversation::Column::Id.is_in(ids.iter().copied()))
            .order_by_desc(conversation::Column::Id)
            .all(self.connection())
            .await?;
        let members = participant::Entity::find()
            .filter(participant::Column::ConversationId.is_in(ids))
            .order_by_asc(participant::Column::UserId)
            .all(self.connection())
            .await?;
        let people: HashSet<_> = members.iter().map(|row| UserId(row.user_id)).collect();
        let people = self.storage.people_on(self.connection(), people).await?;
        let mut members_of: HashMap<Uuid, Vec<_>> = HashMap::new();
        for row in members {
            let Some(person) = people.get(&UserId(row.user_id)) else { continue };
            let members = members_of.entry(row.conversation_id).or_default();
            members.push((person.clone(), row.left_at));
        }
        Ok(rows
            .into_iter()
            .map(|row| ModeratedConversation {
                id: ConversationId(row.id),
                messages: u64::try_from(row.last_seq).unwrap_or_default(),
                created_at: row.created_at,
                last_message_at: row.last_message_at,
                members: members_of.remove(&row.id).unwrap_or_default(),
            })
            .collect())
    }

    /// Whether there is such a conversation, whosever it is.
    pub async fn conversation_exists(&self, id: ConversationId) -> Result<bool, StorageError> {
        let row = conversation::Entity::find_by_id(id.0).one(self.connection()).await?;
        Ok(row.is_some())
    }

    /// Messages of a conversation, the newest first.
    pub async fn whole_history(
        &self,
        conversation: ConversationId,
        before: Option<Seq>,
        limit: u64,
    ) -> Result<Vec<ModeratedMessage>, StorageError> {
        let mut select = message::Entity::find()
            .filter(message::Column::ConversationId.eq(conversation.0))
            .order_by_desc(message::Column::Seq)
            .limit(limit);
        if let Some(before) = before {
            select = select.filter(message::Column::Seq.lt(before.0));
        }
        let rows = select.all(self.connection()).await?;
        self.moderated(rows).await
    }

    /// One message, whosever it is.
    pub async fn any_message(
        &self,
        id: MessageId,
    ) -> Result<Option<ModeratedMessage>, StorageError> {
        let row = message::Entity::find_by_id(id.0).one(self.connection()).await?;
        Ok(self.moderated(row.into_iter().collect()).await?.pop())
    }

    /// What a message has said before, oldest first; at most `limit` texts.
    pub async fn edits(&self, message: MessageId, limit: u64) -> Result<Vec<Edit>, StorageError> {
        let rows = message_edit::Entity::find()
            .filter(message_edit::Column::MessageId.eq(message.0))
            .order_by_asc(message_edit::Column::Rev)
            .limit(limit)
            .all(self.connection())
            .await?;
        let edits = rows.into_iter().map(|row| Edit {
            rev: Rev(row.rev),
            old_content: row.old_content,
            at: row.edited_at,
        });
        Ok(edits.collect())
    }

    async fn moderated(
        &self,
        rows: Vec<message::Model>,
    ) -> Result<Vec<ModeratedMessage>, StorageError> {
        if rows.is_empty() {
            return Ok(vec![]);
        }
        let senders: HashSet<_> = rows.iter().map(|row| UserId(row.sender_id)).collect();
        let people = self.storage.people_on(self.connection(), senders).await?;
        let counts: Vec<(Uuid, i64)> = message_edit::Entity::find()
            .select_only()
            .column(message_edit::Column::MessageId)
            .column_as(message_edit::Column::Rev.count(), "edits")
            .filter(message_edit::Column::MessageId.is_in(rows.iter().map(|row| row.id)))
            .group_by(message_edit::Column::MessageId)
            .into_tuple()
            .all(self.connection())
            .await?;
        let counts: HashMap<_, _> = counts.into_iter().collect();
        let messages = rows.into_iter().map(|row| ModeratedMessage {
            sender: people.get(&UserId(row.sender_id)).cloned(),
            deleted_by: row.deleted_by.map(UserId),
            edits: counts.get(&row.id).map_or(0, |count| u64::try_from(*count).unwrap_or(0)),
            message: row.into(),
        });
        Ok(messages.collect())
    }
}

fn accounts(search: &str) -> Select<user::Entity> {
    let select = user::Entity::find();
    if search.is_empty() {
        return select;
    }
    let escape = |text: &str| LikeExpr::new(format!("%{}%", escaped(text))).escape('\\');
    let (as_written, lowered) = (escape(search), escape(&search.to_lowercase()));
    let columns = [
        user::Column::Username,
        user::Column::FirstName,
        user::Column::LastName,
        user::Column::Email,
    ];
    // Not every database lowers every letter: what is written alike is found in any case.
    let matches = columns.into_iter().fold(Condition::any(), |matches, column| {
        let lower = Expr::expr(Func::lower(Expr::col(column)));
        matches.add(Expr::col(column).like(as_written.clone())).add(lower.like(lowered.clone()))
    });
    select.filter(matches)
}
