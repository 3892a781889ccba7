//! Sessions coming and going, and the end of all of them.

use std::time::Duration;

use actix::{Context, Handler, MessageResult, ResponseFuture};

use super::{
    ChatServer,
    messages::{BeginDrain, CloseAll, Connect, Disconnect, Refused},
};
use crate::{
    actors::connection::Connection,
    domain::clock,
    protocol::{CloseCode, Frames, ServerEvent},
};

/// Clients come back spread over this time.
const RECONNECT_SPREAD: Duration = Duration::from_secs(5);

impl Handler<Connect> for ChatServer {
    type Result = MessageResult<Connect>;

    fn handle(&mut self, connect: Connect, _ctx: &mut Context<Self>) -> Self::Result {
        if self.draining {
            return MessageResult(Err(Refused));
        }
        let Connect { id, person, session, state, wants_aliases } = connect;
        state.heard(clock::now());
        self.registry.insert(Connection { id, person, session, state, wants_aliases });
        MessageResult(Ok(()))
    }
}

impl Handler<Disconnect> for ChatServer {
    type Result = ();

    fn handle(&mut self, disconnect: Disconnect, _ctx: &mut Context<Self>) {
        self.registry.remove(disconnect.id);
        if self.registry.is_empty() {
            self.nobody_left.notify_waiters();
        }
    }
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
        let spread = u64::try_from(RECONNECT_SPREAD.as_millis()).unwrap_or(u64::MAX);
        for connection in self.registry.all() {
            // Ids are handed out in a row; multiplied like this they scatter evenly.
            let after_ms = connection.id.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) % spread;
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
