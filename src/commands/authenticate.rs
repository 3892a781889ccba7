//! From a token to the person it speaks for.

use crate::{
    auth::{TokenError, TokenKeys, TokenType},
    domain::{Person, Timestamp, UserId},
    storage::{Storage, StorageError},
};

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("User not found")]
    UnknownUser,
    #[error("User is inactive")]
    InactiveUser,
    #[error("Ticket is invalid or expired")]
    BadTicket,
    /// The same request may succeed later.
    #[error("The server is overloaded, try again later")]
    NotNow,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The active user an access token was issued to.
pub async fn authenticate(
    keys: &TokenKeys,
    storage: &Storage,
    token: &str,
    now: Timestamp,
) -> Result<Person, AuthenticationError> {
    let verified = keys.verify(token, TokenType::Access, now)?;
    active_user(storage, verified.user).await
}

/// Somebody who may act.
pub async fn active_user(storage: &Storage, user: UserId) -> Result<Person, AuthenticationError> {
    let person = storage.person(user).await?.ok_or(AuthenticationError::UnknownUser)?;
    if person.is_active { Ok(person) } else { Err(AuthenticationError::InactiveUser) }
}
