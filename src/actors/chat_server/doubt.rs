//! After an outage of the database in the middle of a commit: whoever may have missed something has
//! to connect and catch up.
//!
//! Only for a server that is alone. Others compare what they know with the database anyway.

use std::collections::HashSet;

use actix::{AsyncContext, Context, Handler, Message};

use super::ChatServer;
use crate::{domain::UserId, protocol::CloseCode};

/// Who may have missed something; `None` when the database did not say.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Doubted(Option<HashSet<UserId>>);

impl ChatServer {
    /// Asks whom nobody told of what may have been committed.
    pub(super) fn look_for_doubted(&mut self, ctx: &mut Context<Self>) {
        if self.looking_for_doubted || self.nodes.is_some() || !self.storage.is_in_doubt() {
            return;
        }
        self.looking_for_doubted = true;
        let (storage, chat_server) = (self.storage.clone(), ctx.address());
        actix::spawn(async move {
            let people = storage.people_in_doubt().await.inspect_err(|error| {
                tracing::warn!(%error, "could not look for those who may have missed something");
            });
            if chat_server.send(Doubted(people.ok())).await.is_err() {
                tracing::debug!("the chat server is gone");
            }
        });
    }
}

impl Handler<Doubted> for ChatServer {
    type Result = ();

    fn handle(&mut self, Doubted(people): Doubted, ctx: &mut Context<Self>) {
        self.looking_for_doubted = false;
        let Some(people) = people else { return };
        let connections: Vec<_> = self
            .registry
            .all()
            .filter(|connection| people.contains(&connection.person.id))
            .map(|connection| connection.id)
            .collect();
        tracing::warn!(
            connections = connections.len(),
            "closing connections that may have missed something in an outage of the database"
        );
        for id in connections {
            self.drop_connection(id, CloseCode::Overloaded, ctx);
        }
    }
}
