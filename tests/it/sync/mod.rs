//! Catching up after an absence: whatever happened, a client that follows the documented rule sees in
//! the end what the server would show it now.

pub mod client;
mod epoch;
mod equivalence;
mod hostile;
mod live;
mod pages;
mod truth;

use vikrahub_messaging::config::Config;

pub use client::Client;

/// Small answers, so that everything takes several.
fn small_pages(config: &mut Config) {
    config.limits.sync_page = 5;
    config.limits.sync_reset = 40;
    config.limits.syncs_per_minute = 0;
}
