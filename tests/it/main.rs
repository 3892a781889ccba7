//! The server from outside: real sockets, its own database for every test, once on `SQLite` and once
//! on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod helpers;

mod administration;
mod auth;
mod authorisation;
mod cli;
mod cluster;
mod costs;
mod demo;
mod documents;
mod edges;
mod faults;
mod handshake;
mod housekeeping;
mod logs;
mod notifications;
mod old_faults;
mod original_client;
mod own_things;
mod people;
mod races;
mod rest;
mod sync;
mod tickets;
mod transcripts;
mod unread;
mod ws;
