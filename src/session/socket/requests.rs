//! From the text of a frame to what it asks for, within the rates.

use actix::{ActorFutureExt, AsyncContext, ContextFutureSpawner, fut::wrap_future};
use actix_web_actors::ws::WebsocketContext;
use bytestring::ByteString;
use tokio::time::Instant;

use super::Session;
use crate::{
    actors::Execute,
    commands::{CommandError, Priority, SocketKind},
    domain::ClientId,
    edge::Throttled,
    protocol::{CloseCode, ResumeFrame},
    session::{
        incoming, membership, messaging_incoming, notification_incoming, request::Request, resume,
    },
    telemetry::metrics,
};

impl Session {
    pub(super) fn text(&mut self, text: &str, ctx: &mut WebsocketContext<Self>) {
        let max_chars = self.services.config().limits.message_chars;
        let request = match (self.kind, &self.person) {
            (SocketKind::Chat, Some(person)) => incoming::read(text, max_chars, person, self.id),
            (SocketKind::Notifications, Some(person)) => {
                notification_incoming::read(text, person.id, self.id)
            }
            (SocketKind::Chat | SocketKind::Messaging | SocketKind::Notifications, person) => {
                messaging_incoming::read(text, max_chars, person.as_ref(), self.id)
            }
        };
        match self.within_rates(&request) {
            Ok(()) => self.carry_out(request, ctx),
            Err(throttled) => {
                ctx.text(incoming::rate_limited(throttled, request.client_id()));
                self.refused(ctx);
            }
        }
    }

    fn within_rates(&self, request: &Request) -> Result<(), Throttled> {
        let rates = &self.services.edge().rates;
        rates.frames.check(&self.id)?;
        if let (Request::Resume(_), Some(person)) = (request, &self.person) {
            rates.syncs.check(&person.id)?;
        }
        request.message_sender().map_or(Ok(()), |sender| rates.sends.check(&sender))
    }

    /// Whether one more frame that is no text is within the rate of frames; such frames are not
    /// answered beyond it.
    pub(super) fn within_frame_rate(&mut self, ctx: &mut WebsocketContext<Self>) -> bool {
        let is_within = self.services.edge().rates.frames.check(&self.id).is_ok();
        if !is_within {
            self.refused(ctx);
        }
        is_within
    }

    /// Ends a connection that goes on although it has been told to wait, again and again.
    fn refused(&mut self, ctx: &mut WebsocketContext<Self>) {
        if self.refusals.one_more(Instant::now().into_std()) {
            tracing::info!(connection = self.id.0, "closed a flooding connection");
            self.close(CloseCode::Flooding, ctx);
        }
    }

    fn carry_out(&mut self, request: Request, ctx: &mut WebsocketContext<Self>) {
        match request {
            Request::Answer(event) => ctx.text(event),
            Request::Execute(command, asker) => {
                let client_id = asker.client_id.clone();
                let execute = Execute { command, asker, reply: None };
                if self.services.chat_server().try_send(execute).is_err() {
                    metrics().commands_refused.increment(1);
                    ctx.text(overloaded(client_id.as_ref()));
                }
            }
            Request::Authenticate(token) => self.authenticate(token, ctx),
            Request::Resume(resume) => self.resume(resume, ctx),
            Request::Join { conversation, spelling } => {
                let Some(person) = self.person.clone() else { return };
                let joining = membership::join(
                    self.services.clone(),
                    self.id,
                    person,
                    conversation,
                    spelling,
                );
                wrap_future::<_, Self>(joining).map(|event, _, ctx| ctx.text(event)).wait(ctx);
            }
            Request::Leave { conversation, spelling } => {
                let event = membership::leave(&self.services, self.id, conversation, &spelling);
                ctx.text(event);
            }
            Request::Typing { conversation, is_typing } => {
                let Some(person) = self.person.clone() else { return };
                let (services, id) = (self.services.clone(), Some(self.id));
                let typing =
                    async move { services.type_in(id, person, conversation, is_typing).await };
                // Frames wait, so that a stop never overtakes its start.
                wrap_future::<_, Self>(typing).map(|_known, _, _| ()).wait(ctx);
            }
        }
    }

    /// Reads what the client missed beside everything else; one answer at a time.
    fn resume(&mut self, resume: ResumeFrame, ctx: &mut WebsocketContext<Self>) {
        let Some(person) = &self.person else { return };
        if self.resuming {
            ctx.text(incoming::rate_limited(Throttled { retry_after: 1 }, None));
            self.refused(ctx);
            return;
        }
        if !self.services.has_room_for(Priority::Read) {
            ctx.text(overloaded(None));
            return;
        }
        self.resuming = true;
        let (services, session) = (self.services.clone(), ctx.address().recipient());
        actix::spawn(resume::answer(services, person.id, resume, session));
    }
}

/// The `error` event about a server that has no time.
fn overloaded(client_id: Option<&ClientId>) -> ByteString {
    let error = CommandError::Overloaded;
    error.event(&error.to_string(), client_id.map(ClientId::as_str)).encode()
}
