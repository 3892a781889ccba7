//! Users: looking people up, and the accounts of those who log in here.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use entity::user;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func},
};

use super::{Storage, StorageError, Tx};
use crate::domain::{Person, Timestamp, User, UserId, full_name};

/// Deactivated users looked for among those who are connected.
const INACTIVE_MAX: u64 = 100_000;

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: String,
    pub email: Option<String>,
    pub first_name: String,
    pub last_name: String,
    pub user_type: String,
    pub password_hash: Option<String>,
    pub is_staff: bool,
    pub is_superuser: bool,
    pub date_joined: Timestamp,
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            id: UserId(row.id),
            full_name: full_name(&row.username, &row.first_name, &row.last_name),
            username: row.username,
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email,
            avatar_url: row.avatar_url,
            user_type: row.user_type,
            is_staff: row.is_staff,
            is_superuser: row.is_superuser,
            is_active: row.is_active,
            date_joined: row.date_joined,
            last_active_at: row.last_active_at,
        }
    }
}

impl Storage {
    /// One person, as known a moment ago.
    pub async fn person(&self, id: UserId) -> Result<Option<Person>, StorageError> {
        Ok(self.people_on(&self.0.readers, [id]).await?.remove(&id))
    }

    /// Several people; unknown ids are left out.
    pub async fn people(
        &self,
        ids: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, Person>, StorageError> {
        self.people_on(&self.0.readers, ids).await
    }

    /// [`Self::people`] inside a transaction.
    pub async fn people_in(
        &self,
        tx: &Tx,
        ids: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, Person>, StorageError> {
        self.people_on(tx, ids).await
    }

    pub(super) async fn people_on(
        &self,
        connection: &impl ConnectionTrait,
        ids: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, Person>, StorageError> {
        let mut found = HashMap::new();
        let mut missing = HashSet::new();
        for id in ids {
            match self.0.people.get(&id) {
                Some(person) => drop(found.insert(id, person)),
                None => drop(missing.insert(id.0)),
            }
        }
        if !missing.is_empty() {
            let rows = user::Entity::find()
                .filter(user::Column::Id.is_in(missing))
                .all(connection)
                .await?;
            for row in rows {
                let person = Arc::new(User::from(row));
                self.0.people.insert(person.id, person.clone());
                found.insert(person.id, person);
            }
        }
        Ok(found)
    }

    pub async fn user_by_name(&self, username: &str) -> Result<Option<User>, StorageError> {
        // PostgreSQL has no such text and would fail.
        if username.contains('\0') {
            return Ok(None);
        }
        let row = user::Entity::find().filter(user::Column::Username.eq(username));
        Ok(row.one(&self.0.readers).await?.map(User::from))
    }

    /// Accounts a login may mean: the one of that name, else those with that e-mail address; each
    /// with its password hash. Bounded, because addresses need not be unique.
    pub async fn accounts_for_login(
        &self,
        login: &str,
    ) -> Result<Vec<(User, Option<String>)>, StorageError> {
        let by_name = user::Entity::find().filter(user::Column::Username.eq(login));
        let mut rows = by_name.all(&self.0.readers).await?;
        if rows.is_empty() {
            let email = Expr::expr(Func::lower(Expr::col(user::Column::Email)));
            rows = user::Entity::find()
                .filter(email.eq(login.to_lowercase()))
                .order_by_asc(user::Column::Id)
                .limit(5)
                .all(&self.0.readers)
                .await?;
        }
        Ok(rows
            .into_iter()
            .map(|mut row| {
                let hash = row.password_hash.take();
                (User::from(row), hash)
            })
            .collect())
    }

    /// Everybody who is deactivated, bounded.
    pub async fn inactive_users(&self) -> Result<HashSet<UserId>, StorageError> {
        let ids: Vec<i64> = user::Entity::find()
            .select_only()
            .column(user::Column::Id)
            .filter(Expr::col(user::Column::IsActive).not())
            .order_by_desc(user::Column::Id)
            .limit(INACTIVE_MAX)
            .into_tuple()
            .all(&self.0.readers)
            .await?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    /// Lets a user in, or no longer; `false` if there is none of that name.
    pub async fn set_active(
        &self,
        tx: &Tx,
        username: &str,
        is_active: bool,
    ) -> Result<bool, StorageError> {
        let changed = user::Entity::update_many()
            .col_expr(user::Column::IsActive, Expr::value(is_active))
            .filter(user::Column::Username.eq(username))
            .exec(tx)
            .await?;
        self.0.people.invalidate_all();
        Ok(changed.rows_affected > 0)
    }

    /// Lets the user of that id in, or no longer; `false` if there is none.
    pub async fn set_user_active(
        &self,
        tx: &Tx,
        id: UserId,
        is_active: bool,
    ) -> Result<bool, StorageError> {
        let changed = user::Entity::update_many()
            .col_expr(user::Column::IsActive, Expr::value(is_active))
            .filter(user::Column::Id.eq(id.0))
            .exec(tx)
            .await?;
        self.0.people.invalidate(&id);
        Ok(changed.rows_affected > 0)
    }

    /// Users after `after`, in the order of their ids.
    pub async fn users_page(&self, after: UserId, limit: u64) -> Result<Vec<User>, StorageError> {
        let rows = user::Entity::find()
            .filter(user::Column::Id.gt(after.0))
            .order_by_asc(user::Column::Id)
            .limit(limit);
        Ok(rows.all(&self.0.readers).await?.into_iter().map(User::from).collect())
    }

    /// [`StorageError::Conflict`] when the name is taken.
    pub async fn insert_user(&self, tx: &Tx, new: NewUser) -> Result<User, StorageError> {
        let row = user::ActiveModel {
            username: Set(new.username),
            email: Set(new.email),
            first_name: Set(new.first_name),
            last_name: Set(new.last_name),
            user_type: Set(new.user_type),
            password_hash: Set(new.password_hash),
            is_staff: Set(new.is_staff),
            is_superuser: Set(new.is_superuser),
            is_active: Set(true),
            date_joined: Set(new.date_joined),
            ..Default::default()
        };
        Ok(row.insert(tx).await?.into())
    }

    pub async fn username_exists(&self, tx: &Tx, username: &str) -> Result<bool, StorageError> {
        let row = user::Entity::find().filter(user::Column::Username.eq(username));
        Ok(row.one(tx).await?.is_some())
    }

    pub async fn set_last_active(
        &self,
        tx: &Tx,
        user: UserId,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        user::Entity::update_many()
            .col_expr(user::Column::LastActiveAt, Expr::value(at))
            .filter(user::Column::Id.eq(user.0))
            .exec(tx)
            .await?;
        Ok(())
    }

    pub async fn set_password_hash(
        &self,
        tx: &Tx,
        user: UserId,
        hash: String,
    ) -> Result<(), StorageError> {
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(hash))
            .filter(user::Column::Id.eq(user.0))
            .exec(tx)
            .await?;
        Ok(())
    }
}
