//! Which notifications the listeners of this server have been told of.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{NotificationId, UserId};

/// Numbers are given out before they are committed: so far below somebody's last one, a further one
/// may still appear.
pub const WINDOW: i64 = 2_000;

#[derive(Debug, Default)]
pub(super) struct Notices(BTreeMap<UserId, Told>);

#[derive(Debug, Default)]
struct Told {
    last: i64,
    /// Those within the window.
    recent: BTreeSet<i64>,
    is_looking: bool,
    again: bool,
}

impl Notices {
    /// Somebody listens from now on; these he finds in his list.
    pub fn enter(&mut self, user: UserId, known: &[NotificationId]) {
        let told = self.0.entry(user).or_default();
        for id in known {
            told.note(*id);
        }
    }

    pub fn exit(&mut self, user: UserId) {
        self.0.remove(&user);
    }

    pub fn listens(&self, user: UserId) -> bool {
        self.0.contains_key(&user)
    }

    /// Whether this one is new to a listener; from now on it is not.
    pub fn is_new(&mut self, user: UserId, id: NotificationId) -> bool {
        self.0.get_mut(&user).is_some_and(|told| told.note(id))
    }

    /// From where to look for new ones; `None` if somebody does not listen, or if he is looked for
    /// already: then it is done again.
    pub fn look(&mut self, user: UserId) -> Option<NotificationId> {
        let told = self.0.get_mut(&user)?;
        if told.is_looking {
            told.again = true;
            return None;
        }
        told.is_looking = true;
        Some(NotificationId((told.last - WINDOW).max(0)))
    }

    /// A look is done. Whether to look again.
    pub fn looked(&mut self, user: UserId) -> bool {
        let Some(told) = self.0.get_mut(&user) else { return false };
        told.is_looking = false;
        std::mem::take(&mut told.again)
    }

    pub fn all(&self) -> Vec<(UserId, NotificationId)> {
        self.0.iter().map(|(user, told)| (*user, NotificationId(told.last))).collect()
    }
}

impl Told {
    fn note(&mut self, NotificationId(id): NotificationId) -> bool {
        if id < self.last - WINDOW {
            return false;
        }
        let is_new = self.recent.insert(id);
        self.last = self.last.max(id);
        self.recent = self.recent.split_off(&(self.last - WINDOW));
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NADIA: UserId = UserId(1);

    #[test]
    fn each_is_told_once_even_out_of_order() {
        let mut notices = Notices::default();
        notices.enter(NADIA, &[NotificationId(5_000), NotificationId(5_002)]);

        assert!(!notices.is_new(NADIA, NotificationId(5_002)));
        assert!(notices.is_new(NADIA, NotificationId(5_003)));
        assert!(notices.is_new(NADIA, NotificationId(5_001)));
        assert!(!notices.is_new(NADIA, NotificationId(5_001)));
        assert!(!notices.is_new(NADIA, NotificationId(1)));
        assert_eq!(notices.look(NADIA), Some(NotificationId(3_003)));
        assert_eq!(notices.look(NADIA), None);
        assert!(notices.looked(NADIA));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut notices = Notices::default();
        notices.enter(NADIA, &[]);

        for id in 0..10_000 {
            notices.is_new(NADIA, NotificationId(id));
        }

        let remembered = i64::try_from(notices.0[&NADIA].recent.len()).expect("few");
        assert!(remembered <= WINDOW + 1, "{remembered}");
        notices.exit(NADIA);
        assert!(!notices.is_new(NADIA, NotificationId(20_000)));
    }
}
