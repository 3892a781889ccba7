//! Who is online: read by everything that shows a person, written by the chat server alone.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use super::UserId;

/// The people with at least one open connection. Cheap to clone and to ask.
#[derive(Clone, Debug, Default)]
pub struct OnlineUsers(Arc<RwLock<HashSet<UserId>>>);

impl OnlineUsers {
    pub fn contains(&self, user: UserId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&user)
    }

    pub fn insert(&self, user: UserId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(user);
    }

    pub fn remove(&self, user: UserId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&user);
    }
}
