//! The end of a deactivated user's connections, wherever he was deactivated.

use std::{collections::HashSet, time::Duration};

use actix::{AsyncContext, Context, Handler, Message};

use super::ChatServer;
use crate::{domain::UserId, protocol::CloseCode};

/// How often the database is asked.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// Everybody who is deactivated; `None` when the database did not say.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Inactive(Option<HashSet<UserId>>);

impl ChatServer {
    /// Asks who is deactivated, unless nobody is connected or an answer is still to come.
    pub(super) fn look_for_deactivated(&mut self, ctx: &mut Context<Self>) {
        if self.looking_for_deactivated || self.registry.is_empty() {
            return;
        }
        self.looking_for_deactivated = true;
        let (storage, chat_server) = (self.storage.clone(), ctx.address());
        actix::spawn(async move {
            let inactive = storage.inactive_users().await.inspect_err(|error| {
                tracing::warn!(%error, "could not look for deactivated users");
            });
            if chat_server.send(Inactive(inactive.ok())).await.is_err() {
                tracing::debug!("the chat server is gone");
            }
        });
    }
}

impl Handler<Inactive> for ChatServer {
    type Result = ();

    fn handle(&mut self, Inactive(users): Inactive, ctx: &mut Context<Self>) {
        self.looking_for_deactivated = false;
        let Some(users) = users else { return };
        let connections: Vec<_> = self
            .registry
            .all()
            .filter(|connection| users.contains(&connection.person.id))
            .map(|connection| connection.id)
            .collect();
        for id in connections {
            self.drop_connection(id, CloseCode::Forbidden, ctx);
        }
    }
}
