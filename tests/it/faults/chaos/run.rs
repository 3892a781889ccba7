//! One run: a world, a fleet that talks, a nemesis; then everything is healed, everybody has to be
//! complete soon, and what was written down is checked.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    checks::{Account, History, check},
    device::Device,
    editor::reconsider,
    fleet::{Fleet, Owner, Phase},
    journal::{Journal, Seen},
    nemesis::{Blow, strike},
    report::Report,
    world::{Broken, Store, World, folder},
};
use crate::helpers::{Person, Site};

/// What a run is like.
#[derive(Clone, Debug)]
pub struct Plan {
    pub store: Store,
    pub seed: u64,
    pub storm: Duration,
    pub blows: Vec<Blow>,
    pub broken: Option<Broken>,
}

/// Who takes part; everybody has a conversation with the next two.
const PEOPLE: [&str; 5] = ["nadia", "omar", "petra", "quentin", "rosa"];

/// After the last blow everything is answered in this time.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

/// And everybody has heard everything in this time.
const COMPLETE_WITHIN: Duration = Duration::from_secs(10);

/// Pause between two looks, unless something happens.
const LOOK: Duration = Duration::from_millis(100);

impl Plan {
    pub fn of(store: Store, seed: u64, storm: Duration) -> Self {
        Self { store, seed, storm, blows: Blow::all(store).to_vec(), broken: None }
    }

    /// `None` where PostgreSQL or Redis are wanted and not there.
    pub async fn run(&self) -> Option<Report> {
        let mut world = World::make(self.store).await?;
        let folder = folder(self.store, self.seed);
        let (mut dice, fleet) = (Rng::with_seed(self.seed), Fleet::new());
        let (end, ending) = watch::channel(false);
        let owners = gather(&world.sites()[0]).await;
        if let Some(broken) = &self.broken {
            world.become_broken(broken).await;
        }
        let devices = devices(&owners, &world, &folder, &mut dice, &fleet);
        let editors: Vec<_> = owners
            .iter()
            .map(|owner| {
                let name = format!("{}-editor", owner.person.username);
                let dice = dice.fork();
                let (sites, fleet) = (world.sites(), fleet.clone());
                reconsider(owner.clone(), name, sites, &folder, dice, fleet, ending.clone())
            })
            .collect();
        let living = devices.into_iter().map(|device| {
            let ending = ending.clone();
            // On tasks of their own: a fleet that waits for itself would test nothing.
            async move { tokio::spawn(device.live(ending)).await.unwrap() }
        });

        let directing = self.direct(&mut world, &fleet, &owners, end, dice.fork());
        let (devices, _, (struck, histories)) =
            tokio::join!(join_all(living), join_all(editors), directing);

        let mut accounts: Vec<_> =
            devices.into_iter().map(|device| account(device, &owners, &folder)).collect();
        accounts.extend(owners.iter().map(|owner| {
            let name = format!("{}-editor", owner.person.username);
            let entries = Journal::read(&folder, &name);
            Account { name, entries, ..Account::default() }
        }));
        world.end(&folder).await;
        let violations = check(&accounts, &histories);
        Some(Report::new(self, struck, &accounts, &histories, violations, folder))
    }

    /// Storm, calm, completeness; then what everybody reads.
    async fn direct(
        &self,
        world: &mut World,
        fleet: &Fleet,
        owners: &[Owner],
        end: watch::Sender<bool>,
        dice: Rng,
    ) -> (Vec<Blow>, Vec<History>) {
        let until = Instant::now() + self.storm;
        let struck = strike(world, fleet, &self.blows, dice, until).await;
        world.is_whole().await;
        fleet.phase.send_replace(Phase::Calm);
        none_left(fleet, &fleet.open, ANSWERED_WITHIN).await;
        let revs = numbers(owners, &world.sites()).await;
        fleet.phase.send_replace(Phase::Complete(revs));
        none_left(fleet, &fleet.living, COMPLETE_WITHIN).await;
        end.send_replace(true);
        (struck, histories(owners, &world.sites()).await)
    }
}

/// Waits for a count to come to nothing.
async fn none_left(fleet: &Fleet, count: &AtomicUsize, within: Duration) {
    let mut progress = fleet.progress.subscribe();
    let waiting = async {
        while count.load(Ordering::SeqCst) > 0 {
            // Looks again whenever something has happened.
            drop(timeout(LOOK, progress.changed()).await);
        }
    };
    drop(timeout(within, waiting).await);
}

/// Everybody, with the conversations of everybody.
async fn gather(site: &Site) -> Vec<Owner> {
    let people = join_all(PEOPLE.map(|name| site.person(name))).await;
    let mut conversations = vec![vec![]; people.len()];
    for (place, one) in people.iter().enumerate() {
        for step in 1..=2 {
            let other = (place + step) % people.len();
            let id = one.conversation_with(&people[other]).await;
            for member in [place, other] {
                if !conversations[member].contains(&id) {
                    conversations[member].push(id.clone());
                }
            }
        }
    }
    people
        .into_iter()
        .zip(conversations)
        .map(|(person, conversations)| {
            let own = Arc::<Mutex<_>>::default();
            Owner { person, conversations, own }
        })
        .collect()
}

/// Two devices each for some, which begin at different servers.
fn devices(
    owners: &[Owner],
    world: &World,
    folder: &Path,
    dice: &mut Rng,
    fleet: &Arc<Fleet>,
) -> Vec<Device> {
    let mut devices = vec![];
    for (place, owner) in owners.iter().enumerate() {
        for device in 0..=(place % 2) {
            let mut sites = world.sites();
            let first = (place + device) % sites.len();
            sites.rotate_left(first);
            let name = format!("{}-{device}", owner.person.username);
            let dice = dice.fork();
            devices.push(Device::of(owner, name, sites, folder, dice, fleet.clone()));
        }
    }
    devices
}

/// How far each conversation has come.
async fn numbers(owners: &[Owner], sites: &[Site]) -> BTreeMap<String, i64> {
    let mut revs = BTreeMap::new();
    for owner in owners {
        let person = owner.person.at(&sites[0]);
        let list = person.get("/api/messaging/conversations/").await.ok();
        let list = list.get("results").unwrap_or(&list).as_array().unwrap().clone();
        for conversation in list {
            let id = conversation["id"].as_str().unwrap().to_owned();
            revs.insert(id, conversation["rev"].as_i64().unwrap());
        }
    }
    revs
}

async fn histories(owners: &[Owner], sites: &[Site]) -> Vec<History> {
    let mut histories = vec![];
    for (place, owner) in owners.iter().enumerate() {
        let person = owner.person.at(&sites[place % sites.len()]);
        for conversation in &owner.conversations {
            histories.push(History {
                reader: person.username.clone(),
                conversation: conversation.clone(),
                messages: read(&person, owners, conversation).await,
            });
        }
    }
    histories
}

async fn read(person: &Person, owners: &[Owner], conversation: &String) -> Vec<Seen> {
    let other = owners
        .iter()
        .find(|owner| owner.person.id != person.id && owner.conversations.contains(conversation));
    let history = person.whole_history_with(&other.unwrap().person).await;
    let kept = history.iter().filter(|message: &&Value| message["is_deleted"] != true);
    kept.map(Seen::of).collect()
}

fn account(device: Device, owners: &[Owner], folder: &Path) -> Account {
    let owner = owners.iter().find(|owner| owner.person.id == device.client.me).unwrap();
    let shown = device.client.conversations.iter().map(|(id, known)| {
        let messages = known.messages.iter();
        let messages = messages.map(|(id, held)| (id.clone(), (held.seq, held.text.clone())));
        (id.clone(), messages.collect())
    });
    Account {
        conversations: owner.conversations.iter().cloned().collect::<BTreeSet<_>>(),
        shown: Some(shown.collect()),
        entries: Journal::read(folder, &device.name),
        name: device.name,
    }
}
