//! The one subscriber of the process.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogConfig, LogFormat};

/// Starts logging to standard error; a second call changes nothing.
pub fn init(config: &LogConfig) {
    let filter =
        EnvFilter::try_new(&config.level).unwrap_or_else(|_checked| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let started = match config.format {
        LogFormat::Pretty => registry
            .with(fmt::layer().with_ansi(io::stderr().is_terminal()).with_writer(io::stderr))
            .try_init(),
        LogFormat::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_writer(io::stderr))
            .try_init(),
    };
    // Only a test process that starts several servers gets here twice.
    drop(started);
}
