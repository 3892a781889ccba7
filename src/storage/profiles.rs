//! What people say of themselves.

use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Storage, StorageError, Tx};
use crate::domain::UserId;

/// What is to be changed; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// `Some(None)` takes the picture away.
    pub avatar_url: Option<Option<String>>,
}

impl Storage {
    pub async fn change_profile(
        &self,
        tx: &Tx,
        user: UserId,
        change: &ProfileChange,
    ) -> Result<(), StorageError> {
        if *change == ProfileChange::default() {
            return Ok(());
        }
        let ProfileChange { first_name, last_name, avatar_url } = change.clone();
        let mut update = user::Entity::update_many().filter(user::Column::Id.eq(user.0));
        if let Some(name) = first_name {
            update = update.col_expr(user::Column::FirstName, Expr::value(name));
        }
        if let Some(name) = last_name {
            update = update.col_expr(user::Column::LastName, Expr::value(name));
        }
        if let Some(url) = avatar_url {
            update = update.col_expr(user::Column::AvatarUrl, Expr::value(url));
        }
        update.exec(tx).await?;
        self.0.people.invalidate(&user);
        Ok(())
    }
}
