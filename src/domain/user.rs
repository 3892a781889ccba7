//! People: the host platform's users as this system knows them.

use std::sync::Arc;

use super::{Timestamp, UserId};

/// A user of the host platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub first_name: String,
    pub last_name: String,
    /// See [`full_name`].
    pub full_name: String,
    pub email: Option<String>,
    pub avatar_url: Option<String>,
    pub user_type: String,
    pub is_staff: bool,
    pub is_superuser: bool,
    pub is_active: bool,
    pub date_joined: Timestamp,
    pub last_active_at: Option<Timestamp>,
}

/// A user shared by everything that shows him.
pub type Person = Arc<User>;

/// First and last name, or the user name if both are empty (contract §1.6).
pub fn full_name(username: &str, first_name: &str, last_name: &str) -> String {
    let name = format!("{first_name} {last_name}");
    match name.trim() {
        "" => username.to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
pub(crate) fn named(id: i64, username: &str, first_name: &str, last_name: &str) -> User {
    User {
        id: UserId(id),
        username: username.into(),
        first_name: first_name.into(),
        last_name: last_name.into(),
        full_name: full_name(username, first_name, last_name),
        email: None,
        avatar_url: None,
        user_type: "client".into(),
        is_staff: false,
        is_superuser: false,
        is_active: true,
        date_joined: Timestamp::UNIX_EPOCH,
        last_active_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_name_falls_back_to_the_user_name() {
        assert_eq!(full_name("nadia", "Nadia", "K"), "Nadia K");
        assert_eq!(full_name("nadia", "", "K"), "K");
        assert_eq!(full_name("nadia", " ", ""), "nadia");
    }
}
