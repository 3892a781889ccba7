//! The server from outside: real sockets, its own database for every test, once on `SQLite` and once
//! on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod helpers;

mod auth;
mod authorisation;
mod cli;
mod costs;
mod documents;
mod edges;
mod faults;
mod handshake;
mod logs;
mod notifications;
mod original_client;
mod people;
mod races;
mod rest;
mod unread;
mod ws;
