//! The command line of the real binary.

mod accounts;
mod configuration;
mod documents;
mod migrations;
mod start;
