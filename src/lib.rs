//! `VikraHub` Messaging: real-time messages between the users of a web product.
//!
//! The rooms in the order a message meets them; each may use only those above it, as
//! `tests/architecture.rs` makes sure.

/// Faults on purpose.
#[cfg(feature = "broken-builds")]
mod broken;

/// What we talk about: people, conversations, messages, receipts.
pub mod domain;

/// The wire as serde types.
pub mod protocol;

/// Settings, layered and checked.
pub mod config;

/// Logs.
pub mod telemetry;

/// Token in, identity out.
pub mod auth;

/// The database.
pub mod storage;

/// Other servers of the same database.
pub mod cluster;

/// Everything a user can do, one verb per file.
pub mod commands;

/// What is decided before anybody knows who asks: origins, client addresses, rates.
pub mod edge;

/// The chat server and the db executor.
pub mod actors;

/// What administrators may do, and the record of it.
pub mod admin;

/// Door 1: WebSocket.
pub mod session;

/// Door 2: REST.
pub mod http;

/// Signals and the drain.
pub mod lifecycle;

/// Everything put together.
pub mod app;

/// Subcommands.
pub mod cli;
