//! What happens when things break: the real binary is killed, stopped and starved.

mod broken_build;
mod clock;
mod crash;
mod drain;
mod flood;
mod gone;
mod ledger;
mod many_stalled;
mod overload;
mod rolling_restart;
mod slow_consumer;
