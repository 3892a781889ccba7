//! The command line of the real binary.

mod accounts;
mod backup;
mod configuration;
mod documents;
mod migrations;
mod start;
