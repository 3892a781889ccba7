//! From the bytes of a connection to texts, and what to do about everything else.

use actix::{ActorContext, StreamHandler};
use actix_http::ws::Item;
use actix_web_actors::ws::{CloseReason, Message, ProtocolError, WebsocketContext};

use super::Session;
use crate::{
    protocol::{CloseCode, FrameError},
    session::{assembler::Assembled, incoming},
    telemetry::metrics,
};

impl Session {
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
