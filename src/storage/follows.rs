//! Follows: changing them, and the lists and counts people see.

use std::collections::{HashMap, HashSet};

use entity::{follow, user};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Statement, Value,
    sea_query::{Expr, OnConflict},
};

use super::{Reader, Storage, StorageError, Tx, values::Rows};
use crate::domain::{Follow, FollowId, FollowStats, Person, Timestamp, User, UserId};

/// People followed most recently whose own choices make suggestions; bounds the work.
const SUGGESTED_BY: u64 = 100;

/// One side of following.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowSide {
    /// Those who follow somebody.
    Followers,
    /// Those whom somebody follows.
    Following,
}

#[derive(FromQueryResult)]
struct StatsRow {
    user_id: i64,
    followers: i64,
    following: i64,
    is_following: i64,
    is_followed_by: i64,
}

impl Storage {
    /// Makes `follower` follow `followed`. `false` if he did already.
    pub async fn insert_follow(
        &self,
        tx: &Tx,
        follower: UserId,
        followed: UserId,
        at: Timestamp,
    ) -> Result<bool, StorageError> {
        let row = follow::ActiveModel {
            id: Set(FollowId::generate().0),
            follower_id: Set(follower.0),
            followed_id: Set(followed.0),
            created_at: Set(at),
            read_at: Set(None),
        };
        let inserted = follow::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([follow::Column::FollowerId, follow::Column::FollowedId])
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
        Ok(inserted == 1)
    }

    /// `false` if he did not follow.
    pub async fn delete_follow(
        &self,
        tx: &Tx,
        follower: UserId,
        followed: UserId,
    ) -> Result<bool, StorageError> {
        let deleted = follow::Entity::delete_many()
            .filter(follow::Column::FollowerId.eq(follower.0))
            .filter(follow::Column::FollowedId.eq(followed.0))
            .exec(tx)
            .await?;
        Ok(deleted.rows_affected == 1)
    }

    /// [`Reader::follow`] inside a transaction.
    pub async fn follow_in(
        &self,
        tx: &Tx,
        follower: &Person,
        followed: &Person,
    ) -> Result<Option<Follow>, StorageError> {
        follow_on(tx, follower, followed).await
    }

    /// How people stand, in the eyes of `viewer`; one query for any number of them. A count takes
    /// longer the more is counted, so none holds up the write lane.
    pub async fn follow_stats(
        &self,
        people: impl IntoIterator<Item = UserId>,
        viewer: Option<UserId>,
    ) -> Result<HashMap<UserId, FollowStats>, StorageError> {
        let readers = &self.0.readers;
        let people: HashSet<_> = people.into_iter().collect();
        if people.is_empty() {
            return Ok(HashMap::new());
        }
        let viewer = Value::BigInt(viewer.map(|viewer| viewer.0));
        let rows: Rows<2> = people.iter().map(|user| [user.0.into(), viewer.clone()]).collect();
        let statement = rows.statement(readers.get_database_backend(), |list| {
            format!(
                "SELECT v.column1 AS user_id, \
                 (SELECT count(*) FROM follows WHERE followed_id = v.column1) AS followers, \
                 (SELECT count(*) FROM follows WHERE follower_id = v.column1) AS following, \
                 (SELECT count(*) FROM follows WHERE follower_id = v.column2 \
                   AND followed_id = v.column1) AS is_following, \
                 (SELECT count(*) FROM follows WHERE follower_id = v.column1 \
                   AND followed_id = v.column2) AS is_followed_by \
                 FROM (VALUES {list}) AS v WHERE v.column1 IS NOT NULL"
            )
        });
        let found = StatsRow::find_by_statement(statement).all(readers).await?;
        Ok(found
            .into_iter()
            .map(|row| {
                let stats = FollowStats {
                    followers: row.followers.unsigned_abs(),
                    following: row.following.unsigned_abs(),
                    is_following: row.is_following > 0,
                    is_followed_by: row.is_followed_by > 0,
                };
                (UserId(row.user_id), stats)
            })
            .collect())
    }

    /// Length of one of somebody's lists.
    pub async fn follow_count(&self, of: UserId, side: FollowSide) -> Result<u64, StorageError> {
        Ok(side_of(of, side).count(&self.0.readers).await?)
    }

    /// A page of one of somebody's lists, newest first.
    pub async fn follow_page(
        &self,
        of: UserId,
        side: FollowSide,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<Follow>, StorageError> {
        let rows = side_of(of, side)
            .order_by_desc(follow::Column::CreatedAt)
            .order_by_desc(follow::Column::Id)
            .offset(offset)
            .limit(limit)
            .all(&self.0.readers)
            .await?;
        let ids = rows.iter().flat_map(|row| [UserId(row.follower_id), UserId(row.followed_id)]);
        let people = self.people_on(&self.0.readers, ids.collect::<HashSet<_>>()).await?;
        let follows = rows.into_iter().filter_map(|row| {
            Some(Follow {
                id: FollowId(row.id),
                follower: people.get(&UserId(row.follower_id))?.clone(),
                followed: people.get(&UserId(row.followed_id))?.clone(),
                created_at: row.created_at,
                read_at: row.read_at,
            })
        });
        Ok(follows.collect())
    }

    /// Notes that `followed` has seen who follows him: one follow, or all. The number of those he had
    /// not seen; `None` for a follow that is not of him.
    pub async fn mark_follows_read(
        &self,
        tx: &Tx,
        followed: UserId,
        only: Option<FollowId>,
        at: Timestamp,
    ) -> Result<Option<u64>, StorageError> {
        let mut update = follow::Entity::update_many()
            .col_expr(follow::Column::ReadAt, Expr::value(at))
            .filter(follow::Column::FollowedId.eq(followed.0))
            .filter(follow::Column::ReadAt.is_null());
        if let Some(id) = only {
            let own = follow::Entity::find_by_id(id.0)
                .filter(follow::Column::FollowedId.eq(followed.0))
                .one(tx)
                .await?;
            if own.is_none() {
                return Ok(None);
            }
            update = update.filter(follow::Column::Id.eq(id.0));
        }
        Ok(Some(update.exec(tx).await?.rows_affected))
    }

    /// Active people `viewer` does not follow yet: first those whom people he follows follow, most
    /// often first, then the newest.
    pub async fn follow_suggestions(
        &self,
        viewer: UserId,
        limit: u64,
    ) -> Result<Vec<User>, StorageError> {
        let readers = &self.0.readers;
        let sql = format!(
            "SELECT u.* FROM users u JOIN \
             (SELECT f.followed_id, count(*) AS times FROM follows f \
              WHERE f.follower_id IN (SELECT followed_id FROM follows WHERE follower_id = $1 \
                ORDER BY created_at DESC, id DESC LIMIT {SUGGESTED_BY}) \
              GROUP BY f.followed_id) s ON s.followed_id = u.id \
             WHERE u.is_active AND u.id <> $1 AND NOT EXISTS (SELECT 1 FROM follows own \
               WHERE own.follower_id = $1 AND own.followed_id = u.id) \
             ORDER BY s.times DESC, u.id DESC LIMIT {limit}"
        );
        let mut found = users_of(readers, &sql, viewer).await?;
        let missing = limit.saturating_sub(found.len() as u64);
        if missing > 0 {
            // Enough to choose from when some of the newest are found already.
            let sql = format!(
                "SELECT u.* FROM users u \
                 WHERE u.is_active AND u.id <> $1 AND NOT EXISTS (SELECT 1 FROM follows own \
                   WHERE own.follower_id = $1 AND own.followed_id = u.id) \
                 ORDER BY u.id DESC LIMIT {limit}"
            );
            let known: HashSet<_> = found.iter().map(|user| user.id).collect();
            let newest = users_of(readers, &sql, viewer).await?;
            let newest = newest.into_iter().filter(|user| !known.contains(&user.id));
            found.extend(newest.take(usize::try_from(missing).unwrap_or(usize::MAX)));
        }
        Ok(found)
    }
}

impl Reader {
    /// How `follower` follows `followed`, if he does.
    pub async fn follow(
        &self,
        follower: &Person,
        followed: &Person,
    ) -> Result<Option<Follow>, StorageError> {
        follow_on(self.connection(), follower, followed).await
    }
}

async fn follow_on(
    connection: &impl ConnectionTrait,
    follower: &Person,
    followed: &Person,
) -> Result<Option<Follow>, StorageError> {
    let row = follow::Entity::find()
        .filter(follow::Column::FollowerId.eq(follower.id.0))
        .filter(follow::Column::FollowedId.eq(followed.id.0))
        .one(connection)
        .await?;
    Ok(row.map(|row| Follow {
        id: FollowId(row.id),
        follower: follower.clone(),
        followed: followed.clone(),
        created_at: row.created_at,
        read_at: row.read_at,
    }))
}

fn side_of(of: UserId, side: FollowSide) -> Select<follow::Entity> {
    let own = match side {
        FollowSide::Followers => follow::Column::FollowedId,
        FollowSide::Following => follow::Column::FollowerId,
    };
    follow::Entity::find().filter(own.eq(of.0))
}

async fn users_of(
    connection: &impl ConnectionTrait,
    sql: &str,
    viewer: UserId,
) -> Result<Vec<User>, StorageError> {
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [viewer.0.into()]);
    let rows = user::Entity::find().from_raw_sql(statement).all(connection).await?;
    Ok(rows.into_iter().map(User::from).collect())
}
