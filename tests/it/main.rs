//! The server from outside: real sockets, its own database for every test, once on `SQLite` and once
//! on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

mod helpers;

mod auth;
mod authorisation;
mod edges;
mod faults;
mod handshake;
mod notifications;
mod people;
mod races;
mod rest;
mod unread;
mod ws;
