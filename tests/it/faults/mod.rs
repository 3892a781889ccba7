//! What happens when things break: the real binary is killed, stopped and starved.

mod broken_build;
mod crash;
mod drain;
mod ledger;
mod slow_consumer;
