//! What has happened, with the simulated time.

use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use crate::database::lock;

/// The lines of a run; nothing is written down unless somebody wants to read it.
#[derive(Clone, Debug)]
pub struct Trace(Option<Arc<Mutex<Lines>>>);

#[derive(Debug)]
struct Lines {
    begun: Instant,
    lines: Vec<String>,
}

impl Trace {
    pub fn new(is_wanted: bool) -> Self {
        let lines = || Mutex::new(Lines { begun: Instant::now(), lines: vec![] });
        Self(is_wanted.then(|| Arc::new(lines())))
    }

    pub fn note(&self, line: impl FnOnce() -> String) {
        let Some(lines) = &self.0 else { return };
        let line = line();
        let at = lock(lines).begun.elapsed().as_millis();
        lock(lines).lines.push(format!("{at:>6} {line}"));
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.as_ref().map(|lines| lock(lines).lines.clone()).unwrap_or_default()
    }
}
