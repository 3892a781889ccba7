//! `VikraHub` Messaging: real-time messages between the users of a web product.
//!
//! The rooms in the order a message meets them; each may use only those above it
//! (`tests/architecture.rs`).

/// The chat server and the db executor.
pub mod actors;
/// Everything put together.
pub mod app;
/// Token in, identity out.
pub mod auth;
/// Subcommands.
pub mod cli;
/// Everything a user can do, one verb per file.
pub mod commands;
/// Settings, layered and checked.
pub mod config;
/// What we talk about: people, conversations, messages, receipts.
pub mod domain;
/// What is decided before anybody knows who asks: origins, addresses, rates.
pub mod edge;
/// Door 2: REST.
pub mod http;
/// Signals and the drain.
pub mod lifecycle;
/// The wire as serde types.
pub mod protocol;
/// Door 1: WebSocket.
pub mod session;
/// The database.
pub mod storage;
/// Logs.
pub mod telemetry;
