//! One run: servers, people with their devices, and what befalls them; all of it from one seed.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix::System;
use tokio::time::{Instant, sleep};

use crate::{
    bus::{Hub, Traffic},
    chance::Chance,
    database::Disk,
    device::Device,
    node::Node,
    plant::Plant,
    store::{Store, Weather},
    trace::Trace,
    truth::Truth,
};

pub const PEOPLE: [&str; 3] = ["nadia", "omar", "lea"];

/// So soon after it everybody is complete.
pub const REPAIR: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Trouble,
    Healed,
}

/// What all devices have noted.
#[derive(Debug, Default)]
pub struct Journal {
    pub acked: Vec<Acked>,
    /// Messages told to anybody, with their number and text.
    pub told: BTreeMap<String, (i64, String)>,
    /// Who has heard of which conversation.
    pub heard_of: BTreeSet<(i64, String)>,
    /// What must not have happened.
    pub broken: Vec<String>,
    pub events: usize,
    pub connections: usize,
}

#[derive(Debug)]
pub struct Acked {
    pub client_id: String,
    pub message: String,
    pub seq: i64,
}

/// What everybody in it can reach.
pub struct World {
    pub nodes: Vec<Node>,
    pub phase: Cell<Phase>,
    pub journal: RefCell<Journal>,
    pub trace: Trace,
    pub plant: Option<Plant>,
    /// An event that goes to the wrong one, with the one it was for.
    pub crossed: RefCell<Option<(i64, String)>>,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    pub broken: Vec<String>,
    pub trace: Vec<String>,
    pub messages: usize,
    pub events: usize,
    pub connections: usize,
    /// From the end of the trouble until everybody was complete.
    pub repaired_in: Duration,
}

/// Runs one seed, under a clock that stands still while anybody has something to do.
pub fn run(seed: u64, disk: &Arc<Disk>, plant: Option<Plant>, is_traced: bool) -> Outcome {
    disk.clear();
    let system = System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
    });
    system.block_on(live(seed, disk.clone(), plant, is_traced))
}

async fn live(seed: u64, disk: Arc<Disk>, plant: Option<Plant>, is_traced: bool) -> Outcome {
    let trace = Trace::new(is_traced);
    let store = Store::new(disk.clone(), plant, trace.clone());
    let hub = Hub::new(seed, plant, trace.clone());
    let mut chance = Chance::of(seed, "world");
    // A server that is alone has no bus.
    let count = if chance.one_in(4) { 1 } else { 2 };
    let mut nodes = vec![];
    for place in 0..count {
        let hub = (count > 1).then_some(&hub);
        nodes.push(Node::start(seed, place, &store, hub, plant).await);
    }
    let world = Rc::new(World {
        nodes,
        phase: Cell::new(Phase::Trouble),
        journal: RefCell::default(),
        trace: trace.clone(),
        plant,
        crossed: RefCell::default(),
    });
    let mut devices = vec![];
    for person in 1..=PEOPLE.len() {
        for number in 0..if chance.one_in(3) { 2 } else { 1 } {
            devices.push(Device::start(&world, seed, person, &number.to_string(), &mut chance));
        }
    }
    let leases = actix::spawn({
        let hub = hub.clone();
        async move {
            loop {
                sleep(Duration::from_secs(5)).await;
                hub.write_leases();
            }
        }
    });
    befall(&store, &hub, &mut chance).await;
    world.phase.set(Phase::Healed);
    let healed = Instant::now();
    // Somebody who was never there before reads what everybody should know.
    let person = usize::try_from(chance.between(1, PEOPLE.len() as u64)).unwrap();
    devices.push(Device::start(&world, seed, person, "witness", &mut chance));
    let mut incomplete = vec![];
    while healed.elapsed() < REPAIR {
        sleep(Duration::from_millis(250)).await;
        let truth = Truth::of(&disk);
        incomplete = devices.iter().filter_map(|device| device.is_behind(&truth)).collect();
        if incomplete.is_empty() {
            break;
        }
    }
    let repaired_in = healed.elapsed();
    leases.abort();
    let truth = Truth::of(&disk);
    let mut journal = world.journal.take();
    journal.broken.extend(incomplete);
    truth.check(&mut journal);
    for device in devices {
        device.stop();
    }
    Outcome {
        broken: journal.broken,
        trace: trace.lines(),
        messages: truth.messages.len(),
        events: journal.events,
        connections: journal.connections,
        repaired_in,
    }
}

/// One trouble after the other, and then none.
async fn befall(store: &Arc<Store>, hub: &Arc<Hub>, chance: &mut Chance) {
    let begun = Instant::now();
    let trouble = chance.ms(700, 1_900);
    while begun.elapsed() < trouble {
        let weather = [
            Weather::Calm,
            Weather::Calm,
            Weather::Slow,
            Weather::Failing,
            Weather::Failing,
            Weather::Away,
        ];
        let traffic = [Traffic::Calm, Traffic::Meddled, Traffic::Meddled, Traffic::Cut];
        if chance.one_in(2) {
            store.set(*chance.pick(&weather).unwrap());
        } else {
            hub.set(*chance.pick(&traffic).unwrap());
        }
        sleep(chance.ms(100, 600)).await;
    }
    store.set(Weather::Calm);
    hub.set(Traffic::Calm);
}
