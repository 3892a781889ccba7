//! Who is connected: every person's connections.

use std::collections::HashMap;

use crate::{
    actors::connection::Connection,
    commands::ConnectionId,
    domain::{OnlineUsers, Timestamp, UserId},
    protocol::{CloseCode, Frames},
};

#[derive(Debug)]
pub(super) struct Registry {
    connections: HashMap<UserId, Vec<Connection>>,
    owners: HashMap<ConnectionId, UserId>,
    online: OnlineUsers,
    outbound_bytes: usize,
}

impl Registry {
    pub fn new(online: OnlineUsers, outbound_bytes: usize) -> Self {
        Self { connections: HashMap::new(), owners: HashMap::new(), online, outbound_bytes }
    }

    pub fn online(&self) -> &OnlineUsers {
        &self.online
    }

    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    pub fn is_connected(&self, user: UserId) -> bool {
        self.connections.contains_key(&user)
    }

    pub fn insert(&mut self, connection: Connection) {
        let user = connection.person.id;
        self.owners.insert(connection.id, user);
        let connections = self.connections.entry(user).or_default();
        if connections.is_empty() {
            self.online.insert(user);
        }
        connections.push(connection);
    }

    pub fn remove(&mut self, id: ConnectionId) -> Option<Connection> {
        let user = self.owners.remove(&id)?;
        let connections = self.connections.get_mut(&user)?;
        let place = connections.iter().position(|connection| connection.id == id)?;
        let removed = connections.swap_remove(place);
        if connections.is_empty() {
            self.connections.remove(&user);
            self.online.remove(user);
        }
        Some(removed)
    }

    /// Whether at least one connection of `user` took the event. Those that cannot take it are gone
    /// afterwards.
    pub fn post_to_user(&mut self, user: UserId, frames: &Frames) -> bool {
        let Some(connections) = self.connections.get(&user) else { return false };
        let mut failed = vec![];
        let mut taken = false;
        for connection in connections {
            match connection.post(frames, self.outbound_bytes) {
                Ok(()) => taken = true,
                Err(code) => failed.push((connection.id, code)),
            }
        }
        for (id, code) in failed {
            self.drop_connection(id, code);
        }
        taken
    }

    pub fn post_to_connection(&mut self, id: ConnectionId, frames: &Frames) {
        let Some(connection) = self.find(id) else { return };
        if let Err(code) = connection.post(frames, self.outbound_bytes) {
            self.drop_connection(id, code);
        }
    }

    /// Ends connections whose client has been silent for too long.
    pub fn close_silent(&mut self, deadline: Timestamp) {
        let silent: Vec<_> = self
            .connections
            .values()
            .flatten()
            .filter(|connection| connection.is_silent_since(deadline))
            .map(|connection| connection.id)
            .collect();
        for id in silent {
            self.drop_connection(id, CloseCode::SlowConsumer);
        }
    }

    pub fn all(&self) -> impl Iterator<Item = &Connection> {
        self.connections.values().flatten()
    }

    fn find(&self, id: ConnectionId) -> Option<&Connection> {
        let user = self.owners.get(&id)?;
        self.connections.get(user)?.iter().find(|connection| connection.id == id)
    }

    fn drop_connection(&mut self, id: ConnectionId, code: CloseCode) {
        if let Some(connection) = self.remove(id) {
            if code == CloseCode::SlowConsumer {
                tracing::warn!(
                    connection = id.0,
                    user = connection.person.id.0,
                    "closed a slow consumer"
                );
            }
            connection.close(code);
        }
    }
}
