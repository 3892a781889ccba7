//! What all clients of a run share, and the people they belong to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::AtomicUsize},
};

use tokio::sync::watch;

use crate::helpers::Person;

/// What the fleet does at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Storm,
    /// Nothing new is sent; what is open is repeated.
    Calm,
    /// Done as soon as everything up to these numbers is known.
    Complete(BTreeMap<String, i64>),
}

/// What all clients share.
#[derive(Debug)]
pub struct Fleet {
    pub phase: watch::Sender<Phase>,
    /// Counts everything that is answered or heard.
    pub progress: watch::Sender<u64>,
    /// Messages sent and not answered yet, and edits and deletions likewise.
    pub open: AtomicUsize,
    /// Devices that are not done.
    pub living: AtomicUsize,
}

impl Fleet {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            phase: watch::channel(Phase::Storm).0,
            progress: watch::channel(0).0,
            open: AtomicUsize::new(0),
            living: AtomicUsize::new(0),
        })
    }

    pub fn moved(&self) {
        self.progress.send_modify(|count| *count += 1);
    }
}

/// Of whom a device is.
#[derive(Clone, Debug)]
pub struct Owner {
    pub person: Person,
    pub conversations: Vec<String>,
    pub own: Arc<Mutex<Vec<(String, String)>>>,
}
