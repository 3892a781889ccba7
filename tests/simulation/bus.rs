//! A bus between simulated servers that loses, repeats, delays and so reorders, by seed.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{sync::mpsc, time::sleep};
use vikrahub_messaging::{
    cluster::{Bus, Charge, Counters, HEARD_MAX, Heard, Later, Lease, News, NodeId},
    domain::UserId,
};

use crate::{chance::Chance, database::lock, plant::Plant, trace::Trace};

/// How the bus does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    Calm,
    /// Loses, repeats and delays without anybody noticing.
    Meddled,
    /// Carries nothing; everybody notices, and is told so in the end.
    Cut,
}

/// Where all servers meet.
#[derive(Debug)]
pub struct Hub(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    traffic: Traffic,
    chance: Chance,
    /// Whether a server hears that it may have missed something.
    tells_of_gaps: bool,
    ends: Vec<End>,
    trace: Trace,
}

#[derive(Debug)]
struct End {
    id: NodeId,
    heard: mpsc::Sender<Heard>,
    listens: BTreeSet<UserId>,
    present: BTreeSet<UserId>,
}

/// One server's end.
#[derive(Debug)]
pub struct SimulatedBus {
    hub: Arc<Hub>,
    node: usize,
    counters: Counters,
}

impl Hub {
    pub fn new(seed: u64, plant: Option<Plant>, trace: Trace) -> Arc<Self> {
        let tells_of_gaps = plant != Some(Plant::NoComparison);
        let (chance, traffic) = (Chance::of(seed, "bus"), Traffic::Calm);
        Arc::new(Self(Mutex::new(Inner { traffic, chance, tells_of_gaps, ends: vec![], trace })))
    }

    /// One more server.
    pub fn join(self: &Arc<Self>) -> (SimulatedBus, mpsc::Receiver<Heard>) {
        let mut inner = lock(&self.0);
        let node = inner.ends.len();
        let id = format!("\"00000000-0000-0000-0000-{node:012}\"");
        let (heard, hears) = mpsc::channel(HEARD_MAX);
        let (listens, present) = (BTreeSet::new(), BTreeSet::new());
        inner.ends.push(End { id: serde_json::from_str(&id).unwrap(), heard, listens, present });
        drop(inner);
        let counters = Counters::default();
        (SimulatedBus { hub: self.clone(), node, counters }, hears)
    }

    pub fn set(&self, traffic: Traffic) {
        let mut inner = lock(&self.0);
        inner.trace.note(|| format!("the bus is {traffic:?}"));
        let was_cut = inner.traffic == Traffic::Cut;
        inner.traffic = traffic;
        if was_cut && traffic != Traffic::Cut && inner.tells_of_gaps {
            for node in 0..inner.ends.len() {
                inner.say(node, &Heard::Deaf);
            }
        }
    }

    /// What every server has written down.
    pub fn write_leases(&self) {
        let mut inner = lock(&self.0);
        if inner.traffic == Traffic::Cut {
            return;
        }
        for node in 0..inner.ends.len() {
            let others = inner.ends.iter().enumerate().filter(|(other, _)| *other != node);
            let lease =
                |end: &End| Lease { node: end.id, users: end.present.iter().copied().collect() };
            let leases = others.map(|(_, end)| lease(end)).collect();
            inner.say(node, &Heard::Leases(leases));
        }
    }
}

impl Inner {
    /// Carries something to a server, or not.
    fn carry(&mut self, node: usize, heard: &Heard) {
        let chance = &mut self.chance;
        let copies = match self.traffic {
            Traffic::Calm => 1,
            Traffic::Meddled => [0, 0, 1, 1, 1, 2][usize::try_from(chance.below(6)).unwrap()],
            Traffic::Cut => 0,
        };
        if copies != 1 {
            self.trace.note(|| format!("the bus carries {copies} times to node {node}"));
        }
        for _ in 0..copies {
            self.say(node, heard);
        }
    }

    fn say(&mut self, node: usize, heard: &Heard) {
        let wait = match self.traffic {
            Traffic::Calm | Traffic::Cut => self.chance.between(0, 2),
            Traffic::Meddled => self.chance.between(0, 60),
        };
        let (sender, heard) = (self.ends[node].heard.clone(), heard.clone());
        tokio::spawn(async move {
            sleep(Duration::from_millis(wait)).await;
            // At the end of a run nobody listens.
            drop(sender.send(heard).await);
        });
    }
}

impl SimulatedBus {
    fn with<T>(&self, change: impl FnOnce(&mut End) -> T) -> T {
        change(&mut lock(&self.hub.0).ends[self.node])
    }

    fn tell_others(&self, told: impl Fn(NodeId) -> Heard, wants: impl Fn(&End) -> bool) {
        let mut inner = lock(&self.hub.0);
        let own = inner.ends[self.node].id;
        for node in 0..inner.ends.len() {
            if node != self.node && wants(&inner.ends[node]) {
                inner.carry(node, &told(own));
            }
        }
    }
}

impl Bus for SimulatedBus {
    fn reaches_others(&self) -> bool {
        true
    }

    fn publish(&self, to: UserId, news: &News) {
        self.tell_others(|_| Heard::News { to, news: *news }, |end| end.listens.contains(&to));
    }

    fn expect(&self, user: UserId) -> Later<()> {
        self.with(|end| end.listens.insert(user));
        Box::pin(async {})
    }

    fn arrive(&self, user: UserId) {
        self.with(|end| {
            end.listens.insert(user);
            end.present.insert(user);
        });
        self.tell_others(|node| Heard::Came { node, user }, |_| true);
    }

    fn depart(&self, user: UserId) {
        self.with(|end| {
            end.listens.remove(&user);
            end.present.remove(&user);
        });
        self.tell_others(|node| Heard::Went { node, user }, |_| true);
    }

    fn charge(&self, _charge: Charge) -> Later<Option<Option<Duration>>> {
        Box::pin(async { None })
    }

    fn is_well(&self) -> bool {
        lock(&self.hub.0).traffic != Traffic::Cut
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }

    fn close(&self) -> Later<()> {
        Box::pin(async {})
    }
}
