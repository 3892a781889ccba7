//! One connection as its client sees it, and the promises about what comes over it.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use tokio::time::Instant;

use crate::book::{int, str};

/// An answer to a send is there so soon, whatever it is.
pub const ANSWER: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub struct Line {
    /// The last change told of each conversation, and the one before it.
    revs: BTreeMap<String, (i64, i64)>,
    /// The last message told.
    seqs: BTreeMap<String, i64>,
    /// Sends on this connection without an answer, with their place among all of them. A repeat has
    /// none: what comes may still be the answer to the first one.
    waiting: BTreeMap<String, (Option<u64>, Instant)>,
    /// The last send answered with `message_sent`, in each conversation.
    answered: BTreeMap<String, u64>,
    sends: u64,
}

impl Line {
    pub fn sent(&mut self, client_id: &str, is_repeat: bool) {
        self.sends += 1;
        let place = (!is_repeat).then_some(self.sends);
        self.waiting.insert(client_id.to_owned(), (place, Instant::now()));
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub fn refused(&mut self, client_id: &str) {
        self.waiting.remove(client_id);
    }

    /// For so long the client itself did not listen.
    pub fn stalled(&mut self, time: Duration) {
        for (_, at) in self.waiting.values_mut() {
            *at += time;
        }
    }

    pub fn overdue(&self) -> Option<String> {
        let late = self.waiting.iter().find(|(_, (_, at))| at.elapsed() > ANSWER);
        late.map(|(client_id, _)| format!("no answer to {client_id} in time"))
    }

    /// What is wrong about an event at this place.
    pub fn hears(&mut self, event: &Value) -> Vec<String> {
        let mut broken = vec![];
        let id = str(&event["conversation_id"]).to_owned();
        let kind = str(&event["type"]);
        if kind == "message_sent" {
            broken.extend(self.answer(event, &id));
            if event["duplicate"] == true {
                return broken;
            }
        }
        let (rev, prev_rev) = (int(&event["rev"]), int(&event["prev_rev"]));
        match self.revs.insert(id.clone(), (rev, prev_rev)) {
            // What has become of a message may be told in several events.
            Some(last) if last == (rev, prev_rev) => {}
            Some((last, _)) if rev <= last => broken.push(format!("{kind}: {rev} after {last}")),
            Some((last, _)) if prev_rev != last => {
                broken.push(format!("a hole: {kind} {rev} follows {prev_rev}, not {last}"));
            }
            _ => {}
        }
        if matches!(kind, "new_message" | "message" | "message_sent") {
            let seq = int(&event["message"]["seq"]);
            if let Some(last) = self.seqs.insert(id, seq)
                && seq <= last
            {
                broken.push(format!("{kind}: message {seq} after {last}"));
            }
        }
        broken
    }

    fn answer(&mut self, event: &Value, conversation: &str) -> Option<String> {
        let client_id = event["client_id"].as_str()?;
        // Another connection of the same person may have sent it.
        let place = self.waiting.remove(client_id)?.0?;
        // What was taken back before it was told is answered as it is told: later.
        if event["duplicate"] == true {
            return None;
        }
        let last = self.answered.insert(conversation.to_owned(), place)?;
        (place < last)
            .then(|| format!("the answer to {client_id} comes after that to a later send"))
    }
}
