//! Finding people, whom the searcher need not know.

use entity::user;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, Func},
};

use super::{Storage, StorageError};
use crate::domain::{User, UserId};

/// Which people to look for. Their e-mail addresses are never looked at.
#[derive(Clone, Debug)]
pub struct PeopleSearch<'a> {
    /// Part of a user name or of first and last name, whatever the case.
    pub text: &'a str,
    pub user_type: Option<&'a str>,
    pub except: Option<UserId>,
    pub limit: u64,
}

impl Storage {
    /// Active people who match; those whose user name begins like it first.
    pub async fn search_people(&self, search: PeopleSearch<'_>) -> Result<Vec<User>, StorageError> {
        // Both sides are lowered by the database, so that they agree on what a capital letter is.
        let sql = format!(
            "SELECT * FROM users WHERE is_active \
             AND (lower(username) LIKE lower($1) ESCAPE '\\' \
               OR lower(first_name || ' ' || last_name) LIKE lower($1) ESCAPE '\\') \
             AND ($2 IS NULL OR user_type = $2) AND ($3 IS NULL OR id <> $3) \
             ORDER BY CASE WHEN lower(username) LIKE lower($4) ESCAPE '\\' THEN 0 ELSE 1 END, \
               username LIMIT {}",
            search.limit
        );
        let text = escaped(search.text);
        let values = [
            format!("%{text}%").into(),
            search.user_type.into(),
            search.except.map(|user| user.0).into(),
            format!("{text}%").into(),
        ];
        let readers = &self.0.readers;
        let statement = Statement::from_sql_and_values(readers.get_database_backend(), sql, values);
        let rows = user::Entity::find().from_raw_sql(statement).all(readers).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// The active user of that name whatever its case; the one who writes it so if there are several.
    pub async fn user_by_name_any_case(
        &self,
        username: &str,
    ) -> Result<Option<User>, StorageError> {
        let lower = |expr| Expr::expr(Func::lower(expr));
        let row = user::Entity::find()
            .filter(lower(Expr::col(user::Column::Username)).eq(lower(Expr::value(username))))
            .filter(user::Column::IsActive.eq(true))
            .order_by(user::Column::Username.eq(username), Order::Desc)
            .order_by_asc(user::Column::Id)
            .one(&self.0.readers);
        Ok(row.await?.map(User::from))
    }

    pub async fn user_count(&self) -> Result<u64, StorageError> {
        Ok(user::Entity::find().count(&self.0.readers).await?)
    }

    /// All users in the order of their ids.
    pub async fn user_list(&self, offset: u64, limit: u64) -> Result<Vec<User>, StorageError> {
        let rows = user::Entity::find()
            .order_by_asc(user::Column::Id)
            .offset(offset)
            .limit(limit)
            .all(&self.0.readers);
        Ok(rows.await?.into_iter().map(User::from).collect())
    }
}

/// The text with everything that LIKE would take for a wildcard made literal.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_literal() {
        assert_eq!(escaped(r"50%_a\b"), r"50\%\_a\\b");
    }
}
