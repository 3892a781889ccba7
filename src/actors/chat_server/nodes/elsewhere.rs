//! Who is connected to other servers, as far as it concerns the people connected here.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use actix::{AsyncContext, Context, Handler, Message};
use tokio::time::Instant;

use super::ChatServer;
use crate::{
    cluster::{Presences, Shift},
    domain::{Person, UserId},
};

/// The people of the other servers.
#[derive(Debug)]
pub(in crate::actors) struct Elsewhere {
    presences: Presences,
    /// Those whom somebody here has been told of.
    people: HashMap<UserId, Person>,
    /// Of whom the people connected here want to hear.
    watchers: HashMap<UserId, BTreeSet<UserId>>,
}

/// People of other servers whose names are known now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Named {
    people: Vec<Person>,
    told: Told,
}

/// Who is told what of them.
#[derive(Clone, Copy, Debug)]
enum Told {
    /// That they are online, to the one who has asked.
    Online(UserId),
    /// That they have come, or gone, to everybody.
    Came,
    Went,
}

impl Elsewhere {
    pub fn new(patience: Duration) -> Self {
        Self {
            presences: Presences::new(patience),
            people: HashMap::new(),
            watchers: HashMap::new(),
        }
    }

    pub fn contains(&self, user: UserId) -> bool {
        self.presences.contains(user)
    }

    pub fn person(&self, user: UserId) -> Option<&Person> {
        self.people.get(&user)
    }

    pub fn watch(&mut self, watcher: UserId, peer: UserId) {
        self.watchers.entry(peer).or_default().insert(watcher);
    }

    pub fn unwatch(&mut self, watcher: UserId, peers: &BTreeSet<UserId>) {
        for peer in peers {
            if let Some(watchers) = self.watchers.get_mut(peer) {
                watchers.remove(&watcher);
                if watchers.is_empty() {
                    self.watchers.remove(peer);
                    self.people.remove(peer);
                }
            }
        }
    }

    /// Somebody is no longer connected here, but is elsewhere.
    pub fn remember(&mut self, person: &Person) {
        if self.watchers.contains_key(&person.id) {
            self.people.insert(person.id, person.clone());
        }
    }

    fn watchers(&self, peer: UserId) -> Vec<UserId> {
        self.watchers.get(&peer).into_iter().flatten().copied().collect()
    }
}

impl ChatServer {
    /// People may have come to the other servers, or gone from all of them.
    pub(super) fn elsewhere(
        &mut self,
        ctx: &mut Context<Self>,
        change: impl FnOnce(&mut Presences, Instant) -> Shift,
    ) {
        let Some(elsewhere) = &mut self.presence.elsewhere else { return };
        let Shift { came, went } = change(&mut elsewhere.presences, Instant::now());
        let (mut unnamed_came, mut unnamed_went) = (vec![], vec![]);
        for user in came {
            // Whoever is connected here too was online before.
            if !self.presence.knows(user) {
                self.presence.online.insert(user);
                unnamed_came.push(user);
            }
        }
        for user in went {
            if self.presence.knows(user) {
                continue;
            }
            self.presence.online.remove(user);
            let Some(elsewhere) = &mut self.presence.elsewhere else { return };
            match elsewhere.people.remove(&user) {
                Some(person) => self.tell_watchers(&person, false),
                None => unnamed_went.push(user),
            }
        }
        self.name(unnamed_came, Told::Came, ctx);
        self.name(unnamed_went, Told::Went, ctx);
    }

    /// Finds out the names of those peers of somebody that are connected elsewhere, and tells him.
    pub(in super::super) fn look_elsewhere(
        &mut self,
        asker: UserId,
        peers: &[UserId],
        ctx: &mut Context<Self>,
    ) {
        let Some(elsewhere) = &self.presence.elsewhere else { return };
        let unnamed = peers
            .iter()
            .copied()
            .filter(|peer| elsewhere.contains(*peer) && !elsewhere.people.contains_key(peer))
            .filter(|peer| !self.presence.knows(*peer))
            .collect();
        self.name(unnamed, Told::Online(asker), ctx);
    }

    fn name(&self, mut users: Vec<UserId>, told: Told, ctx: &mut Context<Self>) {
        let Some(elsewhere) = &self.presence.elsewhere else { return };
        users.retain(|user| elsewhere.watchers.contains_key(user));
        if users.is_empty() {
            return;
        }
        let (storage, chat_server) = (self.storage.clone(), ctx.address());
        actix::spawn(async move {
            let people = match storage.people(users).await {
                Ok(people) => people.into_values().collect(),
                Err(error) => {
                    tracing::warn!(%error, "could not look up who is connected elsewhere");
                    return;
                }
            };
            if chat_server.send(Named { people, told }).await.is_err() {
                tracing::debug!("the chat server is gone");
            }
        });
    }

    fn tell_watchers(&mut self, person: &Person, is_online: bool) {
        let Some(elsewhere) = &self.presence.elsewhere else { return };
        for watcher in elsewhere.watchers(person.id) {
            self.tell_presence(watcher, person, is_online);
        }
    }
}

impl Handler<Named> for ChatServer {
    type Result = ();

    fn handle(&mut self, Named { people, told }: Named, ctx: &mut Context<Self>) {
        for person in people {
            let Some(elsewhere) = &self.presence.elsewhere else { return };
            // Meanwhile it may have changed again, or those who wanted to hear of it are gone.
            let is_elsewhere = elsewhere.contains(person.id);
            let is_watched = elsewhere.watchers.contains_key(&person.id);
            if !is_watched || self.presence.knows(person.id) {
                continue;
            }
            let Some(elsewhere) = &mut self.presence.elsewhere else { return };
            match told {
                Told::Went if !is_elsewhere => self.tell_watchers(&person, false),
                Told::Came | Told::Online(_) if is_elsewhere => {
                    elsewhere.people.insert(person.id, person.clone());
                    match told {
                        Told::Online(asker) => self.tell_presence(asker, &person, true),
                        Told::Came | Told::Went => self.tell_watchers(&person, true),
                    }
                }
                Told::Went | Told::Came | Told::Online(_) => {}
            }
        }
        self.finish(ctx);
    }
}
