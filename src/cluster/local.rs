//! A bus inside one process: for a server that is alone, and for several that share a process.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::mpsc;

use super::{Bus, Charge, Counters, Heard, Later, Lease, News, NodeId};
use crate::domain::UserId;

/// Where several servers of one process meet. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LocalHub(Arc<Mutex<HashMap<NodeId, Node>>>);

#[derive(Debug)]
struct Node {
    heard: mpsc::Sender<Heard>,
    expected: HashSet<UserId>,
    present: HashSet<UserId>,
    /// Something found no room.
    has_missed: bool,
}

/// One server's way to the others of its process.
#[derive(Debug)]
pub struct LocalBus {
    node: NodeId,
    /// `None` for a server that is alone.
    hub: Option<LocalHub>,
    counters: Counters,
}

impl LocalBus {
    /// The bus of a server that is alone: nobody is told anything.
    pub fn alone() -> Self {
        Self { node: NodeId::generate(), hub: None, counters: Counters::default() }
    }
}

impl LocalHub {
    /// One more server; `heard` takes what it is told.
    pub fn join(&self, heard: mpsc::Sender<Heard>) -> LocalBus {
        let node = NodeId::generate();
        let mut nodes = self.nodes();
        let leases = nodes
            .iter()
            .map(|(node, other)| Lease {
                node: *node,
                users: other.present.iter().copied().collect(),
            })
            .collect();
        let mut newcomer =
            Node { heard, expected: HashSet::new(), present: HashSet::new(), has_missed: false };
        newcomer.tell(Heard::Leases(leases));
        nodes.insert(node, newcomer);
        drop(nodes);
        LocalBus { node, hub: Some(self.clone()), counters: Counters::default() }
    }

    fn nodes(&self) -> MutexGuard<'_, HashMap<NodeId, Node>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, node: NodeId) {
        let mut nodes = self.nodes();
        let Some(gone) = nodes.remove(&node) else { return };
        for other in nodes.values_mut() {
            for user in &gone.present {
                other.tell(Heard::Went { node, user: *user });
            }
        }
    }
}

impl Node {
    /// `false` when there was no room.
    fn tell(&mut self, heard: Heard) -> bool {
        if self.has_missed {
            self.has_missed = self.heard.try_send(Heard::Deaf).is_err();
        }
        let is_told = self.heard.try_send(heard).is_ok();
        self.has_missed |= !is_told;
        is_told
    }
}

impl LocalBus {
    fn at_home(&self, change: impl FnOnce(&mut Node)) {
        if let Some(hub) = &self.hub
            && let Some(node) = hub.nodes().get_mut(&self.node)
        {
            change(node);
        }
    }

    fn tell_others(&self, heard: &Heard) {
        let Some(hub) = &self.hub else { return };
        for (node, other) in hub.nodes().iter_mut() {
            if *node != self.node {
                other.tell(heard.clone());
            }
        }
    }
}

impl Bus for LocalBus {
    fn reaches_others(&self) -> bool {
        self.hub.is_some()
    }

    fn publish(&self, to: UserId, news: &News) {
        let Some(hub) = &self.hub else { return };
        self.counters.published();
        for (node, other) in hub.nodes().iter_mut() {
            let listens = other.expected.contains(&to) || other.present.contains(&to);
            if *node != self.node && listens && !other.tell(Heard::News { to, news: *news }) {
                self.counters.dropped(1);
            }
        }
    }

    fn expect(&self, user: UserId) -> Later<()> {
        self.at_home(|node| {
            node.expected.insert(user);
        });
        Box::pin(async {})
    }

    fn arrive(&self, user: UserId) {
        self.at_home(|node| {
            node.present.insert(user);
        });
        self.tell_others(&Heard::Came { node: self.node, user });
    }

    fn depart(&self, user: UserId) {
        self.at_home(|node| {
            node.expected.remove(&user);
            node.present.remove(&user);
        });
        self.tell_others(&Heard::Went { node: self.node, user });
    }

    fn charge(&self, _charge: Charge) -> Later<Option<Option<Duration>>> {
        Box::pin(async { None })
    }

    fn is_well(&self) -> bool {
        true
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }

    fn close(&self) -> Later<()> {
        if let Some(hub) = &self.hub {
            hub.leave(self.node);
        }
        Box::pin(async {})
    }
}

impl Drop for LocalBus {
    fn drop(&mut self) {
        if let Some(hub) = &self.hub {
            hub.leave(self.node);
        }
    }
}
