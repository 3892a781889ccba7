//! The command line of the real binary.

mod accounts;
mod configuration;
mod migrations;
mod start;
