//! Logs, set up once, with a request id and without anything secret (`docs/logging.md`), and numbers.

mod logging;
mod metrics;
mod process;
mod request_span;

pub use logging::init;
pub use metrics::{Metrics, metrics};
pub use process::{open_files_max, raise_open_files_max, resident_bytes};
pub use request_span::RequestSpan;
