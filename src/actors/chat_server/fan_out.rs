//! From the commit to the connections, in commit order.

use std::sync::atomic::Ordering;

use actix::{Context, Handler};

use super::{
    ChatServer,
    messages::{Committed, Settled},
};
use crate::{
    commands::{self, ConnectionId, Post},
    domain::{ClientId, ConversationId, OnlineUsers, Seq, Timestamp, UserId, clock},
    protocol::Frames,
};

impl Handler<Committed> for ChatServer {
    type Result = ();

    fn handle(&mut self, Committed(batch): Committed, _ctx: &mut Context<Self>) {
        self.in_flight.fetch_sub(batch.len(), Ordering::Relaxed);
        self.now = clock::now();
        for settled in batch {
            self.settle(settled);
        }
    }
}

impl ChatServer {
    /// Tells everybody concerned, then answers the asker.
    pub(super) fn settle(&mut self, settled: Settled) {
        let Settled { outcome, asker, reply } = settled;
        match &outcome {
            Ok(outcome) => commands::tell(outcome, &asker, self),
            Err(error) => {
                if let Some(connection) = asker.connection {
                    let client_id = asker.client_id.as_ref().map(ClientId::as_str);
                    let event = error.event(&error.to_string(), client_id).encode();
                    self.to_connection(connection, &Frames { event, alias: None });
                }
            }
        }
        if let Some(reply) = reply {
            // A request whose client has gone needs no answer.
            drop(reply.send(outcome));
        }
    }
}

impl Post for ChatServer {
    fn to_user(&mut self, user: UserId, frames: &Frames) -> bool {
        self.registry.post_to_user(user, frames)
    }

    fn to_connection(&mut self, connection: ConnectionId, frames: &Frames) {
        self.registry.post_to_connection(connection, frames);
    }

    fn is_connected(&self, user: UserId) -> bool {
        self.registry.is_connected(user)
    }

    fn record_delivery(&mut self, conversation: ConversationId, user: UserId, seq: Seq) {
        self.storage.record_delivery(conversation, user, seq);
    }

    fn online(&self) -> &OnlineUsers {
        self.registry.online()
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}
