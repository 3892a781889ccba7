//! What happens when things break: the real binary is killed, stopped and starved.

mod broken_build;
mod chaos;
mod clock;
mod crash;
mod database_away;
mod disk_full;
mod drain;
mod flood;
mod flush_errors;
mod gone;
mod ledger;
mod many_stalled;
mod overload;
mod persistent;
mod power_cut;
mod rolling_restart;
mod room;
mod slow_consumer;

/// How often something is done: what the environment says, for long runs, or `few`.
fn rounds(variable: &str, few: usize) -> usize {
    std::env::var(variable).ok().map_or(few, |rounds| rounds.parse().unwrap())
}
