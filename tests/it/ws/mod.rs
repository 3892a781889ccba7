//! The sockets as clients see them.

mod appearances;
mod delivery;
mod echoes;
mod frames;
mod idempotency;
mod malformed;
mod message_changes;
mod messages;
mod messaging;
mod notifications;
mod presence;
mod reactions;
mod read_receipts;
mod replies;
