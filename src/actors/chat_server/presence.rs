//! Who is online, and who is told so: people who share a conversation.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
};

use actix::{AsyncContext, Context};
use tokio::time::Instant;

use super::{ChatServer, nodes::Elsewhere};
use crate::{
    actors::db_executor::{Job, Write},
    commands::{Asker, Audience, Command, ConnectionId, Post, Priority, RecordLastActive},
    domain::{OnlineUsers, Person, UserId, clock},
    protocol::{Frames, ServerEvent, Stamp},
};

/// People whose coming and going may be told later, at most; further ones are told of at once.
const UNTOLD_MAX: usize = 10_000;

/// The people who are online, with those they share a conversation with.
#[derive(Debug)]
pub(super) struct Presence {
    pub online: OnlineUsers,
    /// Those connected to this server.
    people: HashMap<UserId, Present>,
    /// Whose coming or going has not been told because writes had to wait, and to whom it should be.
    untold: BTreeMap<UserId, (Person, BTreeSet<UserId>)>,
    /// Those connected to other servers; `None` for a server that is alone.
    pub elsewhere: Option<Elsewhere>,
}

#[derive(Debug)]
struct Present {
    person: Person,
    peers: BTreeSet<UserId>,
}

impl Presence {
    pub fn new(online: OnlineUsers, elsewhere: Option<Elsewhere>) -> Self {
        Self { online, people: HashMap::new(), untold: BTreeMap::new(), elsewhere }
    }

    pub fn knows(&self, user: UserId) -> bool {
        self.people.contains_key(&user)
    }

    pub fn acquainted(&mut self, one: UserId, other: UserId) {
        for (user, peer) in [(one, other), (other, one)] {
            if let Some(present) = self.people.get_mut(&user)
                && present.peers.insert(peer)
                && let Some(elsewhere) = &mut self.elsewhere
            {
                elsewhere.watch(user, peer);
            }
        }
    }

    /// The peers of somebody who is online that are online themselves.
    fn online_peers(&self, user: UserId) -> Vec<Person> {
        let Some(present) = self.people.get(&user) else { return vec![] };
        let person = |peer| {
            let here = self.people.get(peer).map(|present| &present.person);
            here.or_else(|| self.elsewhere.as_ref()?.person(*peer)).cloned()
        };
        present.peers.iter().filter_map(person).collect()
    }

    /// Whether somebody is connected to another server.
    fn is_elsewhere(&self, user: UserId) -> bool {
        self.elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.contains(user))
    }
}

impl ChatServer {
    /// Somebody has opened a connection. His peers learn of the first one.
    pub(super) fn arrived(&mut self, person: &Person, peers: &[UserId], ctx: &mut Context<Self>) {
        if self.presence.knows(person.id) {
            return;
        }
        if let Some(nodes) = &mut self.nodes {
            nodes.arrived(person.id);
        }
        if let Some(elsewhere) = &mut self.presence.elsewhere {
            for peer in peers {
                elsewhere.watch(person.id, *peer);
            }
        }
        let present = Present { person: person.clone(), peers: peers.iter().copied().collect() };
        self.presence.people.insert(person.id, present);
        self.presence.online.insert(person.id);
        self.look_elsewhere(person.id, peers, ctx);
        if !self.presence.is_elsewhere(person.id) {
            self.tell_peers(person, true);
        }
    }

    /// What a new chat connection is told first: who of his peers is online.
    pub(super) fn snapshot(&mut self, user: UserId, connection: ConnectionId) {
        for peer in self.presence.online_peers(user) {
            let frames = Self::user_status(&peer, true);
            self.to_connection(connection, &frames);
        }
    }

    /// A connection has gone. If it was the last, the person is offline after a moment: a page that
    /// reloads is not an absence.
    pub(super) fn departed(&mut self, person: &Person, ctx: &mut Context<Self>) {
        if self.registry.has(person.id) {
            return;
        }
        let person = person.clone();
        if self.config.presence_grace.is_zero() {
            self.leave(&person);
        } else {
            ctx.run_later(self.config.presence_grace, move |chat_server, _ctx| {
                chat_server.leave(&person);
            });
        }
    }

    fn leave(&mut self, person: &Person) {
        if self.registry.has(person.id) || !self.presence.knows(person.id) {
            return;
        }
        if let Some(nodes) = &mut self.nodes {
            nodes.left(person.id);
        }
        let is_elsewhere = self.presence.is_elsewhere(person.id);
        if !is_elsewhere {
            self.presence.online.remove(person.id);
            self.tell_peers(person, false);
        }
        let present = self.presence.people.remove(&person.id);
        if let (Some(elsewhere), Some(present)) = (&mut self.presence.elsewhere, present) {
            elsewhere.unwatch(person.id, &present.peers);
            if is_elsewhere {
                elsewhere.remember(&present.person);
            }
        }
        let has_room = self.write_queue.has_room_for(Priority::Presence);
        if !self.draining && !is_elsewhere && has_room {
            let record = RecordLastActive { user: person.id, at: clock::now() };
            let asker = Asker { user: person.id, connection: None, client_id: None };
            let command = Command::RecordLastActive(record);
            self.hand_on(Write(Job { command, asker, reply: None, since: Instant::now() }));
        }
    }

    pub(super) fn tell_presence(&mut self, to: UserId, person: &Person, is_online: bool) {
        let frames = Self::user_status(person, is_online);
        self.to_user(to, Audience::Chat, &frames);
    }

    fn tell_peers(&mut self, person: &Person, is_online: bool) {
        let peers = self.presence.online_peers(person.id);
        if peers.is_empty() {
            return;
        }
        if self.presence.untold.len() < UNTOLD_MAX
            && !self.write_queue.has_room_for(Priority::Presence)
        {
            let empty = (person.clone(), BTreeSet::new());
            let (_, waiting) = self.presence.untold.entry(person.id).or_insert(empty);
            waiting.extend(peers.iter().map(|peer| peer.id));
            return;
        }
        let frames = Self::user_status(person, is_online);
        for peer in peers {
            self.to_user(peer.id, Audience::Chat, &frames);
        }
    }

    /// Tells what was left out while writes had to wait, as it is now.
    pub(super) fn tell_delayed_presence(&mut self, ctx: &mut Context<Self>) {
        if self.presence.untold.is_empty() || !self.write_queue.has_room_for(Priority::Presence) {
            return;
        }
        for (user, (person, peers)) in mem::take(&mut self.presence.untold) {
            let frames = Self::user_status(&person, self.presence.online.contains(user));
            for peer in peers {
                self.to_user(peer, Audience::Chat, &frames);
            }
        }
        self.drop_failed(ctx);
    }

    fn user_status(person: &Person, is_online: bool) -> Frames {
        let now = Stamp(clock::now());
        Frames::from(ServerEvent::UserStatus {
            user_id: person.id.0,
            username: &person.username,
            is_online,
            status: if is_online { "online" } else { "offline" },
            last_active: Some(now),
            last_seen: is_online.then_some(now),
        })
    }
}
