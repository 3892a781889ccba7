//! One open connection as the chat server sees it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix::{Message, Recipient, dev::SendError};
use tokio::time::Instant;

use crate::{
    commands::{ConnectionId, SocketKind},
    domain::{ConversationId, Person},
    protocol::{CloseCode, Frames},
    telemetry::metrics,
};

/// What the chat server says to a session.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub enum ToSession {
    Event(Frames),
    Close(CloseCode),
}

/// What a session and the chat server share, because a session whose client does not read is
/// frozen: it handles no message, and what it should do has to be seen from outside.
#[derive(Debug)]
pub struct ConnectionState {
    queued_bytes: AtomicUsize,
    close_code: AtomicU16,
    /// On the monotonic clock: setting the wall clock must not end connections.
    begun: Instant,
    /// Seconds since then.
    last_heard: AtomicU64,
}

impl Default for ConnectionState {
    fn default() -> Self {
        Self {
            queued_bytes: AtomicUsize::default(),
            close_code: AtomicU16::default(),
            begun: Instant::now(),
            last_heard: AtomicU64::default(),
        }
    }
}

impl ConnectionState {
    /// The session has taken so many bytes out of its mailbox; returns how many still wait.
    pub fn taken(&self, bytes: usize) -> usize {
        self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed).saturating_sub(bytes)
    }

    /// The client has shown that it lives.
    pub fn heard(&self) {
        self.last_heard.store(self.begun.elapsed().as_secs(), Ordering::Relaxed);
    }

    /// Why the session has to end, once it has to.
    pub fn must_close(&self) -> Option<CloseCode> {
        CloseCode::from_number(self.close_code.load(Ordering::Relaxed))
    }

    /// The first reason stands.
    fn close(&self, code: CloseCode) {
        let first = self.close_code.compare_exchange(
            0,
            code.number(),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if first.is_err() {
            tracing::trace!("a connection is closed for a second reason");
        }
    }
}

/// A registered connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub id: ConnectionId,
    pub kind: SocketKind,
    pub person: Person,
    /// Conversations it wants to hear more of.
    pub joined: Vec<ConversationId>,
    pub session: Recipient<ToSession>,
    pub state: Arc<ConnectionState>,
    /// Whether it wants events under their old names too.
    pub wants_aliases: bool,
}

impl Connection {
    /// `Err` with the reason when the connection has to go.
    pub fn post(&self, frames: &Frames, limit: usize) -> Result<(), CloseCode> {
        if let Some(code) = self.state.must_close() {
            return Err(code);
        }
        let frames = if self.wants_aliases {
            frames.clone()
        } else {
            Frames { event: frames.event.clone(), alias: None }
        };
        let bytes = frames.len();
        let before = self.state.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        let posted = if before + bytes > limit {
            Err(CloseCode::SlowConsumer)
        } else {
            self.session.try_send(ToSession::Event(frames)).map_err(|error| match error {
                SendError::Full(_) => CloseCode::SlowConsumer,
                SendError::Closed(_) => CloseCode::Normal,
            })
        };
        // From now on it takes nothing more: an event after a lost one would leave a hole.
        posted.inspect(|()| metrics().events_posted.increment(1)).inspect_err(|code| {
            self.state.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.state.close(*code);
        })
    }

    /// Ends the session, now or as soon as its client lets it run again.
    pub fn close(&self, code: CloseCode) {
        self.state.close(code);
        if let Err(SendError::Closed(_)) = self.session.try_send(ToSession::Close(code)) {
            tracing::trace!(connection = self.id.0, "already closed");
        }
    }

    /// Events it has not taken yet, in bytes.
    pub fn waiting_bytes(&self) -> usize {
        self.state.queued_bytes.load(Ordering::Relaxed)
    }

    /// Whether nothing has come from the client for so long that it must be dead.
    pub fn is_silent_for(&self, silence: Duration) -> bool {
        let last_heard = self.state.last_heard.load(Ordering::Relaxed);
        self.state.begun.elapsed().as_secs() > last_heard + silence.as_secs()
    }
}
