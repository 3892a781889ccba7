//! The numbers of a conversation: every message and every change takes the next one, in the
//! transaction that stores it.

use std::collections::HashMap;

use entity::{conversation, participant};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter,
    QuerySelect, Statement,
};
use uuid::Uuid;

use super::{Storage, StorageError, Tx, values::Rows};
use crate::domain::{ConversationId, DirectPair, Rev, Seq, Timestamp, UserId};

/// How many messages a pair is about to get.
#[derive(Clone, Copy, Debug)]
pub struct NumbersWanted {
    pub pair: DirectPair,
    /// 0 only makes sure that the conversation exists.
    pub messages: i64,
    pub at: Timestamp,
}

/// Numbers that belong to the taker, and the conversation they count in.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    pub conversation: ConversationId,
    pub first_seq: i64,
    pub first_rev: i64,
    /// When the messages count as written: never before an earlier message of the conversation.
    pub at: Timestamp,
    pub is_new: bool,
}

#[derive(FromQueryResult)]
struct TakenRow {
    id: Uuid,
    direct_key: String,
    last_seq: i64,
    rev: i64,
    updated_at: Timestamp,
}

impl Storage {
    /// Takes sequence numbers for every pair, making conversations that do not exist yet.
    ///
    /// One statement: the row lock it takes is what orders the messages of a conversation between
    /// transactions and servers, and the unique key is why two people never get a second one.
    pub async fn take_numbers(
        &self,
        tx: &Tx,
        wanted: &[NumbersWanted],
    ) -> Result<HashMap<DirectPair, Taken>, StorageError> {
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        #[cfg(feature = "broken-builds")]
        let counted_outside = count_outside(tx, wanted).await?;
        #[cfg(feature = "broken-builds")]
        let wanted = &counted_outside[..];
        // One order for everybody, so that two servers never wait for each other in a circle.
        let mut wanted: Vec<_> =
            wanted.iter().map(|want| (want, ConversationId::generate())).collect();
        wanted.sort_by_key(|(want, _)| want.pair);

        let rows: Rows<5> = wanted
            .iter()
            .map(|(want, new_id)| {
                let message_at = (want.messages > 0).then_some(want.at);
                let (id, key) = (new_id.0.into(), want.pair.key().into());
                [id, key, want.messages.into(), want.at.into(), message_at.into()]
            })
            .collect();
        let statement = rows.statement(tx.get_database_backend(), |list| {
            let later = |column: &str| {
                format!(
                    "{column} = CASE WHEN excluded.last_message_at IS NULL \
                     OR conversations.{column} > excluded.last_message_at \
                     THEN conversations.{column} ELSE excluded.last_message_at END"
                )
            };
            format!(
                "INSERT INTO conversations (id, kind, direct_key, last_seq, rev, created_at, \
                 updated_at, last_message_at) \
                 SELECT column1, 'direct', column2, column3, column3, column4, column4, column5 \
                 FROM (VALUES {list}) AS v WHERE column1 IS NOT NULL \
                 ON CONFLICT (direct_key) DO UPDATE SET \
                 last_seq = conversations.last_seq + excluded.last_seq, \
                 rev = conversations.rev + excluded.rev, {}, {} \
                 RETURNING id, direct_key, last_seq, rev, updated_at",
                later("updated_at"),
                later("last_message_at"),
            )
        });

        let mut taken = HashMap::with_capacity(wanted.len());
        let by_pair: HashMap<_, _> =
            wanted.iter().map(|(want, new_id)| (want.pair, (want.messages, *new_id))).collect();
        for row in TakenRow::find_by_statement(statement).all(tx).await? {
            let Some(pair) = DirectPair::from_key(&row.direct_key) else { continue };
            let Some((messages, new_id)) = by_pair.get(&pair) else { continue };
            let conversation = ConversationId(row.id);
            self.0.pairs.insert(conversation, pair);
            taken.insert(
                pair,
                Taken {
                    conversation,
                    first_seq: row.last_seq - messages + 1,
                    first_rev: row.rev - messages + 1,
                    at: row.updated_at,
                    is_new: conversation == *new_id,
                },
            );
        }
        let new: Vec<_> = taken
            .iter()
            .filter(|(_, taken)| taken.is_new)
            .flat_map(|(pair, taken)| {
                pair.members().map(|user| (taken.conversation, user, taken.at))
            })
            .collect();
        add_participants(tx, &new).await?;
        Ok(taken)
    }

    /// The newest sequence number of each of these conversations.
    pub async fn last_seqs(
        &self,
        tx: &Tx,
        conversations: impl Iterator<Item = ConversationId>,
    ) -> Result<HashMap<ConversationId, Seq>, StorageError> {
        let ids: Vec<_> = conversations.map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Uuid, i64)> = conversation::Entity::find()
            .select_only()
            .columns([conversation::Column::Id, conversation::Column::LastSeq])
            .filter(conversation::Column::Id.is_in(ids))
            .into_tuple()
            .all(tx)
            .await?;
        Ok(rows.into_iter().map(|(id, seq)| (ConversationId(id), Seq(seq))).collect())
    }

    /// The next change number of a conversation.
    pub async fn take_rev(
        &self,
        tx: &Tx,
        conversation: ConversationId,
        at: Timestamp,
    ) -> Result<Rev, StorageError> {
        let backend = tx.get_database_backend();
        // `updated_at` is the floor of the next message's time: it never goes back.
        let sql = "UPDATE conversations SET rev = rev + 1, \
                   updated_at = CASE WHEN updated_at > $1 THEN updated_at ELSE $2 END \
                   WHERE id = $3 RETURNING rev";
        let values = [at.into(), at.into(), conversation.0.into()];
        let row = tx.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(Rev(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default()))
    }
}

async fn add_participants(
    tx: &Tx,
    members: &[(ConversationId, UserId, Timestamp)],
) -> Result<(), StorageError> {
    if members.is_empty() {
        return Ok(());
    }
    let rows = members.iter().map(|(conversation, user, at)| participant::ActiveModel {
        conversation_id: Set(conversation.0),
        user_id: Set(user.0),
        role: Set("member".to_owned()),
        joined_at: Set(*at),
        history_from_seq: Set(0),
        read_seq: Set(0),
        delivered_seq: Set(0),
        ..Default::default()
    });
    participant::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// What must not be done: numbers that are kept in a file, and taken whether or not the transaction
/// is committed.
#[cfg(feature = "broken-builds")]
async fn count_outside(
    tx: &Tx,
    wanted: &[NumbersWanted],
) -> Result<Vec<NumbersWanted>, StorageError> {
    let mut wanted = wanted.to_vec();
    if !crate::broken::is("sequence-outside") {
        return Ok(wanted);
    }
    for want in wanted.iter_mut().filter(|want| want.messages > 0) {
        let sql = "SELECT last_seq FROM conversations WHERE direct_key = $1";
        let key = [want.pair.key().into()];
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, key);
        let row = tx.query_one_raw(statement).await?;
        let stored: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        let file = format!("sequence-{}", want.pair.key().replace(':', "-"));
        let counted = std::fs::read_to_string(&file).ok().and_then(|text| text.parse().ok());
        let counted = counted.unwrap_or(stored).max(stored);
        drop(std::fs::write(file, (counted + want.messages).to_string()));
        want.messages += counted - stored;
    }
    Ok(wanted)
}
