//! The actor of one WebSocket; the only file that names the WebSocket crate.

use std::{sync::Arc, time::Duration};

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, ContextFutureSpawner, Handler,
    StreamHandler, WrapFuture, fut::wrap_future,
};
use actix_http::ws::Item;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{
    self, CloseReason, Message, ProtocolError, WebsocketContext, WsResponseBuilder,
};
use tokio::time::Instant;

use super::{
    assembler::{Assembled, Assembler},
    frame_guard::FrameGuard,
    incoming, membership, messaging_incoming, notification_incoming,
    registration::{self, Registration},
    request::Request,
};
use crate::{
    actors::{ConnectionState, Disconnect, Execute, Services, ToSession},
    commands::{CommandError, ConnectionId, SocketKind},
    domain::{ClientId, Person},
    edge::{OpenSocket, Refusals, Throttled},
    protocol::{CloseCode, ErrorCode, FrameError, ServerEvent},
    telemetry::metrics,
};

/// Events that may wait for a session. Fewer than this many were measured to cut off healthy
/// clients under load.
const MAILBOX: usize = 1024;

/// How often a session the chat server does not know yet looks whether the server is stopping.
const DRAIN_CHECK: Duration = Duration::from_secs(1);

/// The subprotocol of clients that know this server's additions.
pub(super) const SUBPROTOCOL: &str = "vikrahub.v2";

/// One client.
pub(super) struct Session {
    id: ConnectionId,
    kind: SocketKind,
    /// `None` until somebody has said who he is; only `/ws/messaging/` lets him in before.
    person: Option<Person>,
    services: Services,
    state: Arc<ConnectionState>,
    /// Whether the client has said that it knows this server's additions.
    is_new_client: bool,
    assembler: Assembler,
    last_heard: Instant,
    refusals: Refusals,
    /// Counts the socket of its address as open, however the session ends.
    _place: OpenSocket,
}

impl Session {
    pub fn new(
        services: Services,
        kind: SocketKind,
        person: Option<Person>,
        is_new_client: bool,
        place: OpenSocket,
    ) -> Self {
        Self {
            id: services.next_connection_id(),
            kind,
            person,
            services,
            state: Arc::default(),
            is_new_client,
            assembler: Assembler::default(),
            last_heard: Instant::now(),
            refusals: Refusals::default(),
            _place: place,
        }
    }

    /// Answers the handshake; from then on the session lives as long as its connection.
    pub fn start(
        self,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<HttpResponse, actix_web::Error> {
        let frame_bytes = self.frame_bytes();
        let guarded = FrameGuard::new(payload, frame_bytes);
        WsResponseBuilder::new(self, request, guarded)
            .frame_size(frame_bytes)
            .protocols(&[SUBPROTOCOL])
            .start()
    }

    fn frame_bytes(&self) -> usize {
        self.services.config().limits.frame_bytes
    }

    fn text(&mut self, text: &str, ctx: &mut WebsocketContext<Self>) {
        let request = match (self.kind, &self.person) {
            (SocketKind::Chat, Some(person)) => {
                let max_chars = self.services.config().limits.message_chars;
                incoming::read(text, max_chars, person, self.id)
            }
            (SocketKind::Notifications, Some(person)) => {
                notification_incoming::read(text, person.id, self.id)
            }
            (SocketKind::Chat | SocketKind::Messaging | SocketKind::Notifications, person) => {
                messaging_incoming::read(text, person.is_some())
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
        request.message_sender().map_or(Ok(()), |sender| rates.sends.check(&sender))
    }

    /// Whether one more frame that is no text is within the rate of frames; such frames are not
    /// answered beyond it.
    fn within_frame_rate(&mut self, ctx: &mut WebsocketContext<Self>) -> bool {
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
                    let client_id = client_id.as_ref().map(ClientId::as_str);
                    let overloaded = CommandError::Overloaded;
                    ctx.text(overloaded.event(&overloaded.to_string(), client_id).encode());
                }
            }
            Request::Authenticate(token) => self.authenticate(token, ctx),
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

    /// A token on an open connection: it renews an identity, or gives one to somebody without.
    fn authenticate(&mut self, token: String, ctx: &mut WebsocketContext<Self>) {
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
    fn register(
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
    fn established(&mut self, ctx: &mut WebsocketContext<Self>) {
        if let (SocketKind::Notifications, Some(person)) = (self.kind, &self.person) {
            let counting = registration::unread_notifications(self.services.clone(), person.id);
            wrap_future::<_, Self>(counting).map(|event, _, ctx| ctx.text(event)).wait(ctx);
            return;
        }
        let (user_id, username) = match &self.person {
            Some(person) => (Some(person.id.0), person.username.as_str()),
            None => (None, "anonymous"),
        };
        let message = match (self.kind, user_id) {
            (SocketKind::Chat, _) => Some("Connected to chat system"),
            (SocketKind::Messaging | SocketKind::Notifications, None) => {
                Some("Connected as anonymous user")
            }
            (SocketKind::Messaging | SocketKind::Notifications, Some(_)) => None,
        };
        ctx.text(ServerEvent::ConnectionEstablished { user_id, username, message }.encode());
    }

    /// A fragment of a message; the message once it is whole.
    fn fragment(&mut self, item: &Item, ctx: &mut WebsocketContext<Self>) {
        let limit = self.frame_bytes();
        let assembled = match item {
            Item::FirstText(fragment) => self.assembler.begin(true, fragment, limit).map(|()| None),
            Item::FirstBinary(fragment) => {
                self.assembler.begin(false, fragment, limit).map(|()| None)
            }
            Item::Continue(fragment) => self.assembler.push(fragment, limit).map(|()| None),
            Item::Last(fragment) => self.assembler.finish(fragment, limit).map(Some),
        };
        match assembled {
            Ok(None) => {}
            Ok(Some(Assembled::Text(text))) => self.text(&text, ctx),
            Ok(Some(Assembled::Binary)) => ctx.text(incoming::refusal(&FrameError::binary())),
            Err(code) => self.close(code, ctx),
        }
    }

    /// Ends the connection.
    fn close(&self, code: CloseCode, ctx: &mut WebsocketContext<Self>) {
        if !(code.asks_to_reconnect() && self.takes_close_for_good()) {
            ctx.close(Some(CloseReason {
                code: ws::CloseCode::from(code.number()),
                description: Some(code.reason().to_owned()),
            }));
        }
        // Needed as well: without it a broken connection would be polled for ever.
        ctx.stop();
    }

    /// Whether the client comes back only when no Close frame has ended the connection, whatever
    /// its code: the pages of the replaced service do, except on `/ws/messaging/`.
    fn takes_close_for_good(&self) -> bool {
        self.kind != SocketKind::Messaging && !self.is_new_client
    }

    fn heard(&mut self) {
        self.last_heard = Instant::now();
        self.state.heard();
    }

    fn ping(&mut self, ctx: &mut WebsocketContext<Self>) {
        ctx.ping(b"");
        let asked = Instant::now();
        let grace = Duration::from_secs(self.services.config().server.pong_seconds);
        ctx.run_later(grace, move |session, ctx| {
            if session.last_heard < asked {
                session.close(CloseCode::SlowConsumer, ctx);
            }
        });
    }

    /// Ends a connection on which nobody has said who he is in time.
    fn watch_anonymous(&self, ctx: &mut WebsocketContext<Self>) {
        let patience = self.services.config().limits.authenticate_seconds;
        ctx.run_interval(DRAIN_CHECK, |session, ctx| {
            if session.person.is_none() && session.services.is_draining() {
                session.close(CloseCode::Restart, ctx);
            }
        });
        ctx.run_later(Duration::from_secs(patience), |session, ctx| {
            if session.person.is_none() {
                session.close(CloseCode::NobodyAuthenticated, ctx);
            }
        });
    }
}

impl Actor for Session {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        let every = Duration::from_secs(self.services.config().server.ping_seconds);
        ctx.run_interval(every, Self::ping);
        if self.person.is_some() {
            self.register(Self::established, ctx);
        } else {
            self.watch_anonymous(ctx);
            self.established(ctx);
        }
    }

    fn stopped(&mut self, _ctx: &mut Self::Context) {
        let gone = self.services.chat_server().send(Disconnect { id: self.id });
        actix::spawn(async move {
            if gone.await.is_err() {
                tracing::debug!("the chat server is gone");
            }
        });
    }
}

impl Handler<ToSession> for Session {
    type Result = ();

    fn handle(&mut self, message: ToSession, ctx: &mut Self::Context) {
        // A session that was frozen finds here what was decided about it meanwhile.
        match (self.state.must_close(), message) {
            (_, ToSession::Close(code))
            | (Some(code @ CloseCode::SlowConsumer), ToSession::Event(_)) => self.close(code, ctx),
            (decided, ToSession::Event(frames)) => {
                let waiting = self.state.taken(frames.len());
                ctx.text(frames.event);
                if let Some(alias) = frames.alias {
                    ctx.text(alias);
                }
                // A full mailbox had no room for the order to close itself.
                if let (Some(code), 0) = (decided, waiting) {
                    self.close(code, ctx);
                }
            }
        }
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Session {
    fn handle(&mut self, frame: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        self.heard();
        metrics().frames_received.increment(1);
        match frame {
            Ok(Message::Text(text)) => self.text(&text, ctx),
            Ok(Message::Continuation(item)) => {
                // Without one of its fragments a message is another one: they count and are taken.
                self.within_frame_rate(ctx);
                self.fragment(&item, ctx);
            }
            Ok(Message::Binary(_) | Message::Ping(_)) if !self.within_frame_rate(ctx) => {}
            Ok(Message::Binary(_)) => ctx.text(incoming::refusal(&FrameError::binary())),
            Ok(Message::Ping(payload)) => ctx.pong(&payload),
            Ok(Message::Pong(_) | Message::Nop) => {}
            Ok(Message::Close(reason)) => {
                ctx.close(reason.map(|reason| CloseReason { description: None, ..reason }));
                ctx.stop();
            }
            Err(error) => self.close(close_code(&error), ctx),
        }
    }
}

/// The close code for bytes that break the protocol. The library reports invalid UTF-8 and our own
/// guard as I/O errors that differ by their text only.
fn close_code(error: &ProtocolError) -> CloseCode {
    match error {
        ProtocolError::Overflow => CloseCode::TooBig,
        ProtocolError::Io(io) => {
            let text = io.to_string();
            if text.contains("utf-8") {
                CloseCode::InvalidUtf8
            } else if text.contains(&actix_web::error::PayloadError::Overflow.to_string()) {
                CloseCode::TooBig
            } else {
                CloseCode::ProtocolError
            }
        }
        ProtocolError::UnmaskedFrame
        | ProtocolError::MaskedFrame
        | ProtocolError::InvalidOpcode(_)
        | ProtocolError::InvalidLength(_)
        | ProtocolError::BadOpCode
        | ProtocolError::ContinuationNotStarted
        | ProtocolError::ContinuationStarted
        | ProtocolError::ContinuationFragment(_) => CloseCode::ProtocolError,
    }
}
