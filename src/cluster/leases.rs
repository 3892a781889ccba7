//! Who is connected to the other servers, from what they say and from what they left in writing.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    time::Duration,
};

use tokio::time::Instant;

use super::{Lease, NodeId};
use crate::domain::UserId;

/// A written lease may be older than what was said a moment ago.
const SETTLING: Duration = Duration::from_secs(5);

/// The people of all other servers.
#[derive(Debug)]
pub struct Presences {
    nodes: BTreeMap<NodeId, Node>,
    /// On how many other servers somebody is.
    counts: HashMap<UserId, usize>,
    /// How long a server whose lease is gone is still believed to live: the lease may have been
    /// deleted, and will be written again.
    patience: Duration,
}

#[derive(Debug)]
struct Node {
    /// With the time they came.
    users: BTreeMap<UserId, Instant>,
    /// Those who went a moment ago.
    gone: HashMap<UserId, Instant>,
    seen_at: Instant,
}

/// Who is on any other server now and was not, and the other way round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    pub came: Vec<UserId>,
    pub went: Vec<UserId>,
}

impl Presences {
    pub fn new(patience: Duration) -> Self {
        Self { nodes: BTreeMap::new(), counts: HashMap::new(), patience }
    }

    pub fn contains(&self, user: UserId) -> bool {
        self.counts.contains_key(&user)
    }

    /// A server says that somebody has come.
    pub fn came(&mut self, node: NodeId, user: UserId, now: Instant) -> Shift {
        let mut shift = Shift::default();
        let entry = self.node(node, now);
        entry.gone.remove(&user);
        if entry.users.insert(user, now).is_none() {
            self.count_one(user, &mut shift);
        }
        shift
    }

    /// A server says that somebody has gone.
    pub fn went(&mut self, node: NodeId, user: UserId, now: Instant) -> Shift {
        let mut shift = Shift::default();
        let entry = self.node(node, now);
        entry.gone.insert(user, now);
        if entry.users.remove(&user).is_some() {
            self.discount(user, &mut shift);
        }
        shift
    }

    /// What all servers have written down. Those that are not among them have died.
    pub fn read(&mut self, leases: Vec<Lease>, now: Instant) -> Shift {
        let mut shift = Shift::default();
        let mut written = HashSet::new();
        for Lease { node, users } in leases {
            written.insert(node);
            let listed: BTreeSet<_> = users.into_iter().collect();
            let entry = self.node(node, now);
            entry.gone.retain(|_user, at| now - *at < SETTLING);
            let missing: Vec<_> = entry
                .users
                .iter()
                .filter(|(user, at)| !listed.contains(user) && now - **at >= SETTLING)
                .map(|(user, _)| *user)
                .collect();
            let new: Vec<_> = listed
                .into_iter()
                .filter(|user| !entry.users.contains_key(user) && !entry.gone.contains_key(user))
                .collect();
            for user in &missing {
                entry.users.remove(user);
            }
            for user in &new {
                entry.users.insert(*user, now);
            }
            for user in missing {
                self.discount(user, &mut shift);
            }
            for user in new {
                self.count_one(user, &mut shift);
            }
        }
        let patience = self.patience;
        let dead: Vec<_> = self
            .nodes
            .iter()
            .filter(|(node, entry)| !written.contains(node) && now - entry.seen_at >= patience)
            .map(|(node, _)| *node)
            .collect();
        for node in dead {
            let users = self.nodes.remove(&node).map(|entry| entry.users).unwrap_or_default();
            for user in users.into_keys() {
                self.discount(user, &mut shift);
            }
        }
        // Somebody who changed from one server to another has neither come nor gone.
        let back: HashSet<_> = shift.came.iter().copied().collect();
        let left: HashSet<_> = shift.went.iter().copied().collect();
        shift.came.retain(|user| !left.contains(user));
        shift.went.retain(|user| !back.contains(user));
        shift
    }

    /// A sign of life.
    fn node(&mut self, node: NodeId, now: Instant) -> &mut Node {
        let entry = self.nodes.entry(node).or_insert_with(|| Node {
            users: BTreeMap::new(),
            gone: HashMap::new(),
            seen_at: now,
        });
        entry.seen_at = now;
        entry
    }

    fn count_one(&mut self, user: UserId, shift: &mut Shift) {
        let count = self.counts.entry(user).or_default();
        *count += 1;
        if *count == 1 {
            shift.came.push(user);
        }
    }

    fn discount(&mut self, user: UserId, shift: &mut Shift) {
        let Some(count) = self.counts.get_mut(&user) else { return };
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&user);
            shift.went.push(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NADIA: UserId = UserId(1);
    const OMAR: UserId = UserId(2);

    fn came(users: &[UserId]) -> Shift {
        Shift { came: users.to_vec(), went: vec![] }
    }

    fn went(users: &[UserId]) -> Shift {
        Shift { came: vec![], went: users.to_vec() }
    }

    #[test]
    fn somebody_on_two_servers_has_gone_when_he_has_left_both() {
        let mut presences = Presences::new(Duration::from_secs(10));
        let (one, other, now) = (NodeId::generate(), NodeId::generate(), Instant::now());

        assert_eq!(presences.came(one, NADIA, now), came(&[NADIA]));
        assert_eq!(presences.came(other, NADIA, now), Shift::default());
        assert_eq!(presences.came(other, NADIA, now), Shift::default());
        assert_eq!(presences.went(one, NADIA, now), Shift::default());
        assert!(presences.contains(NADIA));
        assert_eq!(presences.went(other, NADIA, now), went(&[NADIA]));
        assert_eq!(presences.went(other, NADIA, now), Shift::default());
        assert!(!presences.contains(NADIA));
    }

    #[test]
    fn what_is_written_corrects_what_was_said_once_it_has_settled() {
        let mut presences = Presences::new(Duration::from_secs(10));
        let (node, start) = (NodeId::generate(), Instant::now());
        presences.came(node, NADIA, start);
        let lease = |users: &[UserId]| vec![Lease { node, users: users.to_vec() }];

        // Written before she came.
        assert_eq!(presences.read(lease(&[]), start), Shift::default());
        let later = start + SETTLING;
        assert_eq!(
            presences.read(lease(&[OMAR]), later),
            Shift { came: vec![OMAR], went: vec![NADIA] }
        );
        // Written before he went.
        presences.went(node, OMAR, later);
        assert_eq!(presences.read(lease(&[OMAR]), later), Shift::default());
        assert_eq!(presences.read(lease(&[OMAR]), later + SETTLING), came(&[OMAR]));
    }

    #[test]
    fn a_server_that_has_died_is_forgotten_after_a_while() {
        let patience = Duration::from_secs(10);
        let mut presences = Presences::new(patience);
        let (node, start) = (NodeId::generate(), Instant::now());
        presences.read(vec![Lease { node, users: vec![NADIA] }], start);

        assert_eq!(presences.read(vec![], start + patience / 2), Shift::default());
        assert_eq!(presences.read(vec![], start + patience), went(&[NADIA]));
        assert!(presences.nodes.is_empty());
    }
}
