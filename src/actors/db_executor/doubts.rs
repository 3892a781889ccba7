//! Transactions whose commit was never answered. Nothing else is stored until it is known what became
//! of them: what they stored is told first, so that everybody hears of changes in their order.

use std::{mem, time::Duration};

use tokio::time::{Instant, timeout};

use crate::{
    actors::chat_server::Settled,
    commands::{Asker, Doubt},
    storage::Storage,
};

/// Longest wait for an answer of the database about them: commands wait behind it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Those that are still open, in their order.
#[derive(Debug, Default)]
pub(super) struct Doubts(Vec<Open>);

#[derive(Debug)]
struct Open {
    doubt: Doubt,
    /// Who asked, by the place of his command. All were answered that it is not known.
    askers: Vec<(Asker, Instant)>,
}

impl Doubts {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn add(&mut self, doubts: Vec<Doubt>, askers: &[(Asker, Instant)]) {
        for doubt in doubts {
            tracing::warn!(commands = doubt.outcomes.len(), "a commit was not answered");
            self.0.push(Open { doubt, askers: askers.to_vec() });
        }
    }

    /// Looks them up. Returns what is stored, to be told; what is still not known is kept.
    pub async fn look_up(&mut self, storage: &Storage) -> Vec<Settled> {
        let mut stored = vec![];
        let mut open = mem::take(&mut self.0).into_iter();
        for Open { doubt, askers } in open.by_ref() {
            match timeout(PATIENCE, doubt.is_stored(storage)).await {
                Ok(Ok(Some(true))) => stored.extend(settled(doubt, &askers)),
                Ok(Ok(Some(false))) => {}
                Ok(Ok(None) | Err(_)) | Err(_) => {
                    self.0.push(Open { doubt, askers });
                    break;
                }
            }
        }
        self.0.extend(open);
        stored
    }
}

fn settled(doubt: Doubt, askers: &[(Asker, Instant)]) -> impl Iterator<Item = Settled> {
    doubt.outcomes.into_iter().filter_map(|(place, outcome)| {
        let (asker, since) = askers.get(place)?.clone();
        Some(Settled { outcome: Ok(outcome), asker, reply: None, since, is_late: true })
    })
}
