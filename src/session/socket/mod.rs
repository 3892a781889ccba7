//! The actor of one WebSocket: how it begins, lives and ends. This folder alone names the WebSocket
//! crate.

mod bytes;
mod identity;
mod requests;

use std::{sync::Arc, time::Duration};

use actix::{Actor, ActorContext, AsyncContext, Handler};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, CloseReason, WebsocketContext, WsResponseBuilder};
use tokio::time::Instant;

use super::{assembler::Assembler, frame_guard::FrameGuard, resume::ResumeAnswer};
use crate::{
    actors::{ConnectionState, Disconnect, Services, ToSession},
    commands::{ConnectionId, SocketKind},
    domain::Person,
    edge::{OpenSocket, Refusals},
    protocol::CloseCode,
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
    /// Whether what the client missed is being told.
    resuming: bool,
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
            resuming: false,
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

impl Handler<ResumeAnswer> for Session {
    type Result = ();

    fn handle(&mut self, answer: ResumeAnswer, ctx: &mut Self::Context) {
        self.resuming = !answer.is_last;
        ctx.text(answer.frame);
    }
}
