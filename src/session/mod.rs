//! Door 1: a WebSocket connection. Bytes become commands, events become bytes; no rule lives here.

mod assembler;
mod frame_guard;
mod gate;
mod handshake;
mod incoming;
mod membership;
mod messaging_incoming;
mod notification_incoming;
mod registration;
mod request;
mod resume;
mod socket;

pub use handshake::{chat, messaging, notifications};
