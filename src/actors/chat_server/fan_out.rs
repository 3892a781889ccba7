//! From the commit to the connections, in commit order.

use std::{mem, sync::atomic::Ordering};

use actix::{Context, Handler};

use super::{
    ChatServer,
    messages::{CaughtUp, Committed, Settled},
};
use crate::{
    actors::connection::Connection,
    commands::{self, Audience, CommandError, ConnectionId, Post},
    domain::{
        ClientId, ConversationId, NotificationId, OnlineUsers, Seq, Timestamp, UserId, clock,
    },
    protocol::{Frames, ServerEvent, Stamp},
    storage::Undelivered,
    telemetry::metrics,
};

impl Handler<Committed> for ChatServer {
    type Result = ();

    fn handle(&mut self, Committed(batch): Committed, ctx: &mut Context<Self>) {
        self.in_flight.fetch_sub(batch.len(), Ordering::Relaxed);
        let waiting = self.in_flight.load(Ordering::Relaxed);
        metrics().commands_waiting.set(u32::try_from(waiting).unwrap_or(u32::MAX));
        self.now = clock::now();
        for settled in batch {
            self.settle(settled);
        }
        self.finish(ctx);
    }
}

impl Handler<CaughtUp> for ChatServer {
    type Result = ();

    fn handle(&mut self, caught_up: CaughtUp, ctx: &mut Context<Self>) {
        let CaughtUp { recipient, messages } = caught_up;
        if !self.registry.has_listener(recipient.id, Audience::Chat) {
            return;
        }
        for Undelivered { message, conversation, sender, seq } in messages {
            let frames = Frames::from(ServerEvent::MessageDelivered {
                message_id: message,
                conversation_id: conversation,
                delivered_to: &recipient.username,
                delivered_to_id: recipient.id.0,
                delivered_at: Stamp(clock::now()),
            });
            self.to_user(sender, Audience::Chat, &frames);
            self.record_delivery(conversation, recipient.id, seq);
        }
        self.drop_failed(ctx);
    }
}

impl ChatServer {
    /// Tells everybody concerned, then answers the asker.
    pub(super) fn settle(&mut self, settled: Settled) {
        let Settled { outcome, asker, reply, since } = settled;
        match &outcome {
            Ok(outcome) => {
                if self.is_in_turn(outcome) {
                    commands::tell(outcome, &asker, self);
                    metrics().delivery_seconds.record(since.elapsed());
                }
                self.announce(outcome, &asker);
            }
            // A mark of what is not his is passed over in silence (contract §4).
            Err(CommandError::NotificationNotFound) => {}
            Err(error) => {
                if let Some(connection) = asker.connection {
                    let client_id = asker.client_id.as_ref().map(ClientId::as_str);
                    let frames = Frames::from(error.event(&error.to_string(), client_id));
                    self.to_connection(connection, &frames);
                }
            }
        }
        if let Some(reply) = reply {
            // A request whose client has gone needs no answer.
            drop(reply.send(outcome));
        }
    }

    /// Offers an event to the connections `wants` chooses.
    pub(super) fn post_where(
        &mut self,
        user: UserId,
        frames: &Frames,
        wants: impl Fn(&Connection) -> bool,
    ) -> bool {
        let (taken, failed) = self.registry.post(user, frames, wants);
        self.failed.extend(failed);
        taken
    }

    /// What is left to do when everybody has been told.
    pub(super) fn finish(&mut self, ctx: &mut Context<Self>) {
        self.drop_failed(ctx);
        self.read_ordered(ctx);
        self.read_notices(ctx);
        self.refresh_unread(ctx);
        self.show_appearances(ctx);
    }

    /// Ends the connections that could not take an event.
    pub(super) fn drop_failed(&mut self, ctx: &mut Context<Self>) {
        for (id, code) in mem::take(&mut self.failed) {
            self.drop_connection(id, code, ctx);
        }
    }
}

impl Post for ChatServer {
    fn to_user(&mut self, user: UserId, audience: Audience, frames: &Frames) -> bool {
        self.post_where(user, frames, |connection| audience.includes(connection.kind))
    }

    fn to_joined(&mut self, user: UserId, conversation: ConversationId, frames: &Frames) {
        self.post_where(user, frames, |connection| connection.joined.contains(&conversation));
    }

    fn to_connection(&mut self, connection: ConnectionId, frames: &Frames) {
        if let Some(code) = self.registry.post_to(connection, frames) {
            self.failed.push((connection, code));
        }
    }

    fn listens(&self, connection: ConnectionId, audience: Audience) -> bool {
        let found = self.registry.find(connection);
        found.is_some_and(|connection| audience.includes(connection.kind))
    }

    fn is_connected(&self, user: UserId, audience: Audience) -> bool {
        self.registry.has_listener(user, audience)
    }

    fn record_delivery(&mut self, conversation: ConversationId, user: UserId, seq: Seq) {
        if let Some(nodes) = &mut self.nodes {
            nodes.delivered(conversation, user, seq);
        }
        self.storage.record_delivery(conversation, user, seq);
    }

    fn is_untold(&mut self, user: UserId, notification: NotificationId) -> bool {
        self.nodes.as_mut().is_none_or(|nodes| nodes.is_untold(user, notification))
    }

    fn acquainted(&mut self, one: UserId, other: UserId) {
        self.presence.acquainted(one, other);
    }

    fn conversation_appeared(&mut self, user: UserId, conversation: ConversationId) {
        self.note_appearance(user, conversation);
    }

    fn unread_changed(&mut self, user: UserId) {
        self.note_unread_change(user);
    }

    fn online(&self) -> &OnlineUsers {
        &self.presence.online
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}
