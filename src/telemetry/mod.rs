//! Logs: set up once, with a request id, and without anything secret (`docs/logging.md`).

mod logging;
mod request_span;

pub use logging::init;
pub use request_span::RequestSpan;
