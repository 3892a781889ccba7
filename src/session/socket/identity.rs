//! Whom a connection belongs to: known from the start, given or renewed by a frame.

use actix::{ActorFutureExt, AsyncContext, ContextFutureSpawner, WrapFuture, fut::wrap_future};
use actix_web_actors::ws::WebsocketContext;

use super::Session;
use crate::{
    commands::{CommandError, SocketKind},
    domain::Epoch,
    protocol::{CloseCode, ErrorCode, ServerEvent},
    session::{
        messaging_incoming,
        registration::{self, Registration},
    },
};

impl Session {
    /// A token on an open connection: it renews an identity, or gives one to somebody without.
    pub(super) fn authenticate(&mut self, token: String, ctx: &mut WebsocketContext<Self>) {
        let services = self.services.clone();
        let verifying = async move { registration::authenticate(&services, &token).await };
        wrap_future::<_, Self>(verifying)
            .map(|found, session, ctx| {
                let refuse = |text| messaging_incoming::error(text, ErrorCode::NotAuthenticated);
                match (found, &session.person) {
                    (Ok(Some(person)), None) => {
                        session.person = Some(person);
                        session.register(Self::authenticated, ctx);
                    }
                    (Ok(Some(person)), Some(known)) if person.id == known.id => {
                        session.authenticated(ctx);
                    }
                    (Ok(Some(_)), Some(_)) => ctx.text(refuse("Authentication failed")),
                    (Ok(None), _) => ctx.text(refuse("Invalid token")),
                    (Err(error), _) => {
                        tracing::warn!(%error, "could not authenticate a connection");
                        let unavailable = CommandError::Unavailable;
                        ctx.text(unavailable.event(&unavailable.to_string(), None).encode());
                    }
                }
            })
            .wait(ctx);
    }

    fn authenticated(&mut self, ctx: &mut WebsocketContext<Self>) {
        if let Some(person) = &self.person {
            let (user_id, username) = (person.id.0, person.username.as_str());
            ctx.text(ServerEvent::Authenticated { user_id, username }.encode());
        }
    }

    /// Makes the session known to the chat server. Events wait until `then` has spoken.
    pub(super) fn register(
        &self,
        then: fn(&mut Self, &mut WebsocketContext<Self>),
        ctx: &mut WebsocketContext<Self>,
    ) {
        let Some(person) = self.person.clone() else { return };
        let registration = Registration {
            id: self.id,
            kind: self.kind,
            person,
            session: ctx.address().recipient(),
            state: self.state.clone(),
            wants_aliases: self.kind == SocketKind::Chat && !self.is_new_client,
        };
        registration::register(self.services.clone(), registration)
            .into_actor(self)
            .map(move |registered, session, ctx| {
                if registered {
                    then(session, ctx);
                } else {
                    session.close(CloseCode::Restart, ctx);
                }
            })
            .wait(ctx);
    }

    /// The first event: who the connection belongs to, or how many notifications wait.
    pub(super) fn established(&mut self, ctx: &mut WebsocketContext<Self>) {
        if let (SocketKind::Notifications, Some(person)) = (self.kind, &self.person) {
            let counting = registration::unread_notifications(self.services.clone(), person.id);
            wrap_future::<_, Self>(counting).map(|event, _, ctx| ctx.text(event)).wait(ctx);
            return;
        }
        if self.kind == SocketKind::Chat {
            let looking_up = registration::epoch(self.services.clone());
            wrap_future::<_, Self>(looking_up)
                .map(|epoch, session, ctx| session.established_in(epoch.as_ref(), ctx))
                .wait(ctx);
        } else {
            self.established_in(None, ctx);
        }
    }

    fn established_in(&self, epoch: Option<&Epoch>, ctx: &mut WebsocketContext<Self>) {
        let (user_id, username) = match &self.person {
            Some(person) => (Some(person.id.0), person.username.as_str()),
            None => (None, "anonymous"),
        };
        let epoch = epoch.map(|epoch| epoch.0.as_str());
        let message = match (self.kind, user_id) {
            (SocketKind::Chat, _) => Some("Connected to chat system"),
            (SocketKind::Messaging | SocketKind::Notifications, None) => {
                Some("Connected as anonymous user")
            }
            (SocketKind::Messaging | SocketKind::Notifications, Some(_)) => None,
        };
        ctx.text(ServerEvent::ConnectionEstablished { user_id, username, message, epoch }.encode());
    }
}
