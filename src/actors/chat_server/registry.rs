//! Who is connected: every person's connections.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use crate::{
    actors::connection::Connection,
    commands::{Audience, ConnectionId},
    domain::UserId,
    protocol::{CloseCode, Frames},
};

#[derive(Debug)]
pub(super) struct Registry {
    /// In an order, like all that is told one after the other: the same every time.
    connections: BTreeMap<UserId, Vec<Connection>>,
    owners: HashMap<ConnectionId, UserId>,
    outbound_bytes: usize,
}

impl Registry {
    pub fn new(outbound_bytes: usize) -> Self {
        Self { connections: BTreeMap::new(), owners: HashMap::new(), outbound_bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    pub fn has(&self, user: UserId) -> bool {
        self.connections.contains_key(&user)
    }

    pub fn has_listener(&self, user: UserId, audience: Audience) -> bool {
        self.of(user).any(|connection| audience.includes(connection.kind))
    }

    pub fn of(&self, user: UserId) -> impl Iterator<Item = &Connection> {
        self.connections.get(&user).into_iter().flatten()
    }

    /// Those of a person's connections that were opened first, when he has more than `limit`.
    pub fn oldest_beyond(&self, user: UserId, limit: usize) -> Vec<ConnectionId> {
        let mut connections: Vec<_> = self.of(user).map(|connection| connection.id).collect();
        let too_many = connections.len().saturating_sub(limit);
        connections.sort_unstable();
        connections.truncate(too_many);
        connections
    }

    pub fn insert(&mut self, connection: Connection) {
        let user = connection.person.id;
        self.owners.insert(connection.id, user);
        self.connections.entry(user).or_default().push(connection);
    }

    pub fn remove(&mut self, id: ConnectionId) -> Option<Connection> {
        let user = self.owners.remove(&id)?;
        let connections = self.connections.get_mut(&user)?;
        let place = connections.iter().position(|connection| connection.id == id)?;
        let removed = connections.swap_remove(place);
        if connections.is_empty() {
            self.connections.remove(&user);
        }
        Some(removed)
    }

    pub fn find(&self, id: ConnectionId) -> Option<&Connection> {
        self.of(*self.owners.get(&id)?).find(|connection| connection.id == id)
    }

    pub fn find_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        let user = self.owners.get(&id)?;
        self.connections.get_mut(user)?.iter_mut().find(|connection| connection.id == id)
    }

    /// Offers an event to those connections of `user` that `wants` chooses. Whether one took it, and
    /// those that could not: they have to go.
    pub fn post(
        &self,
        user: UserId,
        frames: &Frames,
        wants: impl Fn(&Connection) -> bool,
    ) -> (bool, Vec<(ConnectionId, CloseCode)>) {
        let mut taken = false;
        let mut failed = vec![];
        for connection in self.of(user).filter(|connection| wants(connection)) {
            match connection.post(frames, self.outbound_bytes) {
                Ok(()) => taken = true,
                Err(code) => failed.push((connection.id, code)),
            }
        }
        (taken, failed)
    }

    /// Like [`Self::post`], to one connection.
    pub fn post_to(&self, id: ConnectionId, frames: &Frames) -> Option<CloseCode> {
        let user = self.owners.get(&id)?;
        let connection = self.of(*user).find(|connection| connection.id == id)?;
        connection.post(frames, self.outbound_bytes).err()
    }

    /// Connections whose client has been silent for too long.
    pub fn silent_for(&self, silence: Duration) -> Vec<ConnectionId> {
        self.all()
            .filter(|connection| connection.is_silent_for(silence))
            .map(|connection| connection.id)
            .collect()
    }

    pub fn all(&self) -> impl Iterator<Item = &Connection> {
        self.connections.values().flatten()
    }
}
