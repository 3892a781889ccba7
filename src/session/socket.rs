//! The actor of one WebSocket; the only file that names the WebSocket crate.

use std::{sync::Arc, time::Duration};

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, ContextFutureSpawner, Handler,
    StreamHandler, WrapFuture,
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
    incoming::{self, Incoming},
};
use crate::{
    actors::{Connect, ConnectionState, Disconnect, Execute, Services, ToSession},
    commands::{CommandError, ConnectionId},
    domain::{Person, clock},
    protocol::{CloseCode, FrameError, ServerEvent},
};

/// Events that may wait for a session. Fewer than this many were measured to cut off healthy
/// clients under load.
const MAILBOX: usize = 1024;

/// The subprotocol of clients that know this server's additions.
pub(super) const SUBPROTOCOL: &str = "vikrahub.v2";

/// One client, authenticated.
pub(super) struct Session {
    id: ConnectionId,
    person: Person,
    services: Services,
    state: Arc<ConnectionState>,
    wants_aliases: bool,
    assembler: Assembler,
    last_heard: Instant,
}

impl Session {
    pub fn new(services: Services, person: Person, wants_aliases: bool) -> Self {
        Self {
            id: services.next_connection_id(),
            person,
            services,
            state: Arc::default(),
            wants_aliases,
            assembler: Assembler::default(),
            last_heard: Instant::now(),
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
        let max_chars = self.services.config().limits.message_chars;
        match incoming::read(text, max_chars, &self.person, self.id) {
            Incoming::Answer(event) => ctx.text(event),
            Incoming::Execute(command, asker) => {
                let client_id = asker.client_id.clone();
                let execute = Execute { command, asker, reply: None };
                if self.services.chat_server().try_send(execute).is_err() {
                    let client_id = client_id.as_ref().map(crate::domain::ClientId::as_str);
                    let overloaded = CommandError::Overloaded;
                    ctx.text(overloaded.event(&overloaded.to_string(), client_id).encode());
                }
            }
        }
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
            Err(code) => close(ctx, code),
        }
    }

    fn heard(&mut self) {
        self.last_heard = Instant::now();
        self.state.heard(clock::now());
    }

    fn ping(&mut self, ctx: &mut WebsocketContext<Self>) {
        ctx.ping(b"");
        let asked = Instant::now();
        let grace = Duration::from_secs(self.services.config().server.pong_seconds);
        ctx.run_later(grace, move |session, ctx| {
            if session.last_heard < asked {
                close(ctx, CloseCode::SlowConsumer);
            }
        });
    }

    fn established(&mut self, ctx: &mut WebsocketContext<Self>) {
        ctx.text(
            ServerEvent::ConnectionEstablished {
                user_id: self.person.id.0,
                username: &self.person.username,
                message: "Connected to chat system",
            }
            .encode(),
        );
        let every = Duration::from_secs(self.services.config().server.ping_seconds);
        ctx.run_interval(every, Self::ping);
    }
}

/// Both are needed: without `stop` a broken connection would be polled for ever.
fn close(ctx: &mut WebsocketContext<Session>, code: CloseCode) {
    ctx.close(Some(CloseReason {
        code: ws::CloseCode::from(code.number()),
        description: Some(code.reason().to_owned()),
    }));
    ctx.stop();
}

impl Actor for Session {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        let connect = Connect {
            id: self.id,
            person: self.person.clone(),
            session: ctx.address().recipient(),
            state: self.state.clone(),
            wants_aliases: self.wants_aliases,
        };
        // Events wait until the client has its first frame.
        self.services
            .chat_server()
            .send(connect)
            .into_actor(self)
            .map(|registered, session, ctx| match registered {
                Ok(Ok(())) => session.established(ctx),
                Ok(Err(_)) | Err(_) => close(ctx, CloseCode::Restart),
            })
            .wait(ctx);
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
            (_, ToSession::Close(code)) => close(ctx, code),
            (Some(code @ CloseCode::SlowConsumer), ToSession::Event(_)) => close(ctx, code),
            (decided, ToSession::Event(frames)) => {
                let waiting = self.state.taken(frames.len());
                ctx.text(frames.event);
                if let Some(alias) = frames.alias {
                    ctx.text(alias);
                }
                // A full mailbox had no room for the order to close itself.
                if let (Some(code), 0) = (decided, waiting) {
                    close(ctx, code);
                }
            }
        }
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Session {
    fn handle(&mut self, frame: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        self.heard();
        match frame {
            Ok(Message::Text(text)) => self.text(&text, ctx),
            Ok(Message::Binary(_)) => ctx.text(incoming::refusal(&FrameError::binary())),
            Ok(Message::Continuation(item)) => self.fragment(&item, ctx),
            Ok(Message::Ping(payload)) => ctx.pong(&payload),
            Ok(Message::Pong(_) | Message::Nop) => {}
            Ok(Message::Close(reason)) => {
                ctx.close(reason.map(|reason| CloseReason { description: None, ..reason }));
                ctx.stop();
            }
            Err(error) => close(ctx, close_code(&error)),
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
        _ => CloseCode::ProtocolError,
    }
}
