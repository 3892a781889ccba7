//! Accounts, deactivated ones included.

use super::{AdminError, record::write};
use crate::{
    actors::Services,
    commands::CommandError,
    domain::{AdminAction, Person, User, UserId},
};

/// Some of the accounts that match.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub count: u64,
    pub page: Vec<User>,
}

/// Accounts whose names or address hold `search`; all of them when it is empty. `offset` says where
/// a page begins when so many match, or why there is no such page.
pub async fn accounts<E: From<AdminError>>(
    services: &Services,
    admin: &Person,
    search: &str,
    limit: u64,
    offset: impl FnOnce(u64) -> Result<u64, E>,
) -> Result<Accounts, E> {
    write(services, admin, AdminAction::ListUsers { search: search.to_owned() }).await?;
    let storage = services.storage();
    let count = storage.account_count(search).await.map_err(AdminError::from)?;
    let page = storage.accounts(search, offset(count)?, limit).await.map_err(AdminError::from)?;
    Ok(Accounts { count, page })
}

/// One account.
pub async fn account(
    services: &Services,
    admin: &Person,
    user: UserId,
) -> Result<Person, AdminError> {
    write(services, admin, AdminAction::ViewUser(user)).await?;
    let person = services.storage().person(user).await?;
    Ok(person.ok_or(CommandError::RecipientNotFound)?)
}
