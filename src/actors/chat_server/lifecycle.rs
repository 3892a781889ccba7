//! Sessions coming and going, and the end of all of them.

use std::time::Duration;

use ::metrics::Gauge;
use actix::{Context, Handler, MessageResult, ResponseFuture};

use super::{
    ChatServer,
    messages::{BeginDrain, CloseAll, Connect, Connected, Disconnect, Join, Ping, Refused},
};
use crate::{
    actors::connection::Connection,
    commands::{Audience, ConnectionId, SocketKind},
    domain::UserId,
    protocol::{CloseCode, Frames, ServerEvent},
    telemetry::metrics,
};

/// Clients come back spread over this time.
const RECONNECT_SPREAD: Duration = Duration::from_secs(10);

/// Conversations one connection may have joined; the oldest makes room.
const JOINED_MAX: usize = 500;

impl Handler<Connect> for ChatServer {
    type Result = MessageResult<Connect>;

    fn handle(&mut self, connect: Connect, ctx: &mut Context<Self>) -> Self::Result {
        if self.draining {
            return MessageResult(Err(Refused::Draining));
        }
        let Connect { id, kind, person, peers, session, state, wants_aliases } = connect;
        if peers.is_none() && !self.presence.knows(person.id) {
            return MessageResult(Err(Refused::PeersNeeded));
        }
        state.heard();
        let is_first = !self.presence.knows(person.id)
            || self.nodes.as_mut().is_some_and(|nodes| nodes.has_lost_its_base(person.id));
        let is_first_of_kind = !self.registry.of(person.id).any(|other| other.kind == kind);
        let connection = Connection {
            id,
            kind,
            person: person.clone(),
            joined: vec![],
            session,
            state,
            wants_aliases,
        };
        self.registry.insert(connection);
        connections(kind).increment(1.0);
        self.make_room(person.id, ctx);
        self.arrived(&person, &peers.unwrap_or_default(), ctx);
        match kind {
            SocketKind::Chat => self.snapshot(person.id, id),
            SocketKind::Notifications => self.storage.notification_listeners().insert(person.id),
            SocketKind::Messaging => {}
        }
        self.drop_failed(ctx);
        MessageResult(Ok(Connected { is_first_of_kind, is_first }))
    }
}

impl Handler<Disconnect> for ChatServer {
    type Result = ();

    fn handle(&mut self, disconnect: Disconnect, ctx: &mut Context<Self>) {
        if let Some(connection) = self.registry.remove(disconnect.id) {
            self.gone(&connection, ctx);
        }
    }
}

impl Handler<Join> for ChatServer {
    type Result = ();

    fn handle(&mut self, join: Join, _ctx: &mut Context<Self>) {
        let Some(connection) = self.registry.find_mut(join.id) else { return };
        connection.joined.retain(|conversation| *conversation != join.conversation);
        if join.is_joining {
            connection.joined.push(join.conversation);
            if connection.joined.len() > JOINED_MAX {
                connection.joined.remove(0);
            }
        }
    }
}

impl ChatServer {
    /// Ends a connection from this side.
    pub(super) fn drop_connection(
        &mut self,
        id: ConnectionId,
        code: CloseCode,
        ctx: &mut Context<Self>,
    ) {
        let Some(connection) = self.registry.remove(id) else { return };
        let user = connection.person.id.0;
        if code == CloseCode::SlowConsumer {
            metrics().slow_consumers.increment(1);
            tracing::warn!(connection = id.0, user, "closed a slow consumer");
        }
        connection.close(code);
        self.gone(&connection, ctx);
    }

    /// Ends the oldest connections of somebody who has too many.
    fn make_room(&mut self, user: UserId, ctx: &mut Context<Self>) {
        let limit = self.config.sockets_per_user;
        if limit == 0 {
            return;
        }
        for id in self.registry.oldest_beyond(user, limit) {
            self.drop_connection(id, CloseCode::TooManyConnections, ctx);
        }
    }

    fn gone(&mut self, connection: &Connection, ctx: &mut Context<Self>) {
        connections(connection.kind).decrement(1.0);
        let user = connection.person.id;
        if !self.registry.has_listener(user, Audience::Notifications) {
            self.storage.notification_listeners().remove(user);
        }
        if let Some(nodes) = &mut self.nodes
            && !self.registry.has_listener(user, Audience::MessagingAndNotifications)
        {
            nodes.stopped_listening(user);
        }
        self.stop_typing_of(connection.id);
        self.departed(&connection.person, ctx);
        if self.registry.is_empty() {
            self.nobody_left.notify_waiters();
        }
    }
}

/// When a client should come back. Ids are handed out in a row; multiples of the golden ratio scatter
/// them evenly, however many there are.
fn reconnect_after_ms(id: ConnectionId) -> u64 {
    let fraction = id.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let spread = u64::try_from(RECONNECT_SPREAD.as_millis()).unwrap_or(u64::from(u32::MAX));
    (fraction * spread) >> 32
}

fn connections(kind: SocketKind) -> &'static Gauge {
    let metrics = metrics();
    match kind {
        SocketKind::Chat => &metrics.chat_connections,
        SocketKind::Messaging => &metrics.messaging_connections,
        SocketKind::Notifications => &metrics.notification_connections,
    }
}

impl Handler<Ping> for ChatServer {
    type Result = ();

    fn handle(&mut self, _ping: Ping, _ctx: &mut Context<Self>) {}
}

impl Handler<BeginDrain> for ChatServer {
    type Result = ();

    fn handle(&mut self, _begin: BeginDrain, _ctx: &mut Context<Self>) {
        self.draining = true;
    }
}

impl Handler<CloseAll> for ChatServer {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _close: CloseAll, _ctx: &mut Context<Self>) -> Self::Result {
        for connection in self.registry.all() {
            let after_ms = reconnect_after_ms(connection.id);
            let event = ServerEvent::Reconnect { after_ms }.encode();
            let frames = Frames { event, alias: None };
            if connection.post(&frames, self.config.outbound_bytes).is_err() {
                tracing::debug!(connection = connection.id.0, "closing without a hint");
            }
            connection.close(CloseCode::Restart);
        }
        let nobody_left = self.nobody_left.clone();
        let is_empty = self.registry.is_empty();
        // Listening begins here, before any session can report that it is gone.
        let waiting = nobody_left.notified_owned();
        Box::pin(async move {
            if !is_empty {
                waiting.await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn clients_do_not_come_back_all_at_once(first in 1..u64::MAX / 2, count in 100..500_u64) {
            let mut after: Vec<_> =
                (first..first + count).map(|id| reconnect_after_ms(ConnectionId(id))).collect();
            after.sort_unstable();

            let mut busiest = 0;
            for (place, start) in after.iter().enumerate() {
                let within = after[place..].iter().take_while(|at| **at < start + 1000).count();
                busiest = busiest.max(within);
            }
            assert!(busiest * 100 <= after.len() * 15, "{busiest} of {count} within a second");
            assert!(after.last() < Some(&10_000));
        }
    }
}
