//! What a device makes of what it hears: each event goes into its book, or breaks a promise.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::Run;
use crate::{
    book::{Reading, int, str},
    plant::Plant,
    world::Acked,
};

impl Run {
    pub(super) fn hears(&mut self, text: &str) {
        self.world.journal.borrow_mut().events += 1;
        if self.is_lost(text) {
            return;
        }
        self.crosses(text);
        let wrong = {
            let mut crossed = self.world.crossed.borrow_mut();
            crossed.take_if(|(user, _)| *user != self.user)
        };
        if let Some((_, wrong)) = wrong {
            self.takes(&serde_json::from_str(&wrong).unwrap());
        }
        self.takes(&serde_json::from_str(text).unwrap());
    }

    /// Whether a planted fault swallows it.
    fn is_lost(&mut self, text: &str) -> bool {
        self.world.plant == Some(Plant::LostEvent)
            && text.contains("\"prev_rev\"")
            && self.chance.one_in(20)
    }

    fn crosses(&mut self, text: &str) {
        if self.world.plant == Some(Plant::CrossedWires)
            && text.contains("\"new_message\"")
            && self.chance.one_in(5)
        {
            *self.world.crossed.borrow_mut() = Some((self.user, text.to_owned()));
        }
    }

    fn takes(&mut self, event: &Value) {
        let kind = str(&event["type"]);
        self.note(|| summary(event));
        match kind {
            "connection_established" => self.state.borrow_mut().is_connected = true,
            "sync" => {
                self.heard_of(event);
                if !self.state.borrow_mut().book.sync(event) {
                    self.breaks(&format!("an answer that leaves something out: {event}"));
                }
            }
            "resumed" => {
                let mut state = self.state.borrow_mut();
                state.book.resumed(event);
                state.is_resuming = false;
                state.must_resume |= event["complete"] != true;
            }
            "error" => self.error(event),
            "conversation_shown" => {
                let mut state = self.state.borrow_mut();
                let id = str(&event["conversation_id"]);
                state.must_resume |= !state.book.conversations.contains_key(id);
            }
            // The page with four events knows this one by its old name, which comes with it.
            "new_message" if !self.counts => {}
            _ if event["rev"].is_i64() => self.changes(kind, event),
            _ => {}
        }
    }

    /// A change in a conversation, told live.
    fn changes(&mut self, kind: &str, event: &Value) {
        self.heard_of(event);
        for broken in self.line.hears(event) {
            self.breaks(&broken);
        }
        if kind == "message_sent" {
            self.acknowledged(event);
        }
        if event["message"].is_object() {
            let message = &event["message"];
            let (seq, text) = (int(&message["seq"]), str(&message["content"]).to_owned());
            let mut journal = self.world.journal.borrow_mut();
            journal.told.insert(str(&message["id"]).to_owned(), (seq, text));
        }
        let is_hole = {
            let mut state = self.state.borrow_mut();
            if self.counts && event["duplicate"] != true {
                let reading = state.book.change(event);
                let is_behind = state.is_resuming || state.must_resume;
                state.must_resume |= reading != Reading::Taken;
                reading == Reading::Hole && !is_behind
            } else if !self.counts {
                state.book.show(event);
                false
            } else {
                false
            }
        };
        if is_hole {
            self.breaks(&format!("a hole after resuming: {}", summary(event)));
        }
    }

    fn heard_of(&self, event: &Value) {
        let id = str(&event["conversation_id"]).to_owned();
        self.world.journal.borrow_mut().heard_of.insert((self.user, id));
    }

    fn acknowledged(&mut self, event: &Value) {
        let Some(client_id) = event["client_id"].as_str() else { return };
        let message = &event["message"];
        self.world.journal.borrow_mut().acked.push(Acked {
            client_id: client_id.to_owned(),
            message: str(&message["id"]).to_owned(),
            seq: int(&message["seq"]),
        });
        self.state.borrow_mut().unacked.retain(|_, unacked| unacked.client_id != client_id);
    }

    fn error(&mut self, event: &Value) {
        let again = event["retry_after"].as_u64();
        let again = again.map(|seconds| Instant::now() + Duration::from_secs(seconds));
        let Some(client_id) = event["client_id"].as_str() else {
            let mut state = self.state.borrow_mut();
            if state.is_resuming && again.is_some() {
                (state.is_resuming, state.must_resume, state.resume_at) = (false, true, again);
            }
            return;
        };
        self.line.refused(client_id);
        if again.is_none() {
            self.breaks(&format!("a send was refused for good: {event}"));
        }
        let mut state = self.state.borrow_mut();
        let refused = state.unacked.values_mut().find(|unacked| unacked.client_id == client_id);
        if let Some(unacked) = refused {
            unacked.send_at = again;
        }
    }
}

/// An event without anything that differs from run to run.
fn summary(event: &Value) -> String {
    let kind = str(&event["type"]);
    let text = event["message"]["content"].as_str().unwrap_or_default();
    let numbers = [&event["rev"], &event["prev_rev"], &event["from_rev"], &event["message"]["seq"]];
    let numbers: Vec<_> = numbers.iter().filter_map(|number| number.as_i64()).collect();
    let about = event["code"].as_str().or(event["client_id"].as_str()).unwrap_or_default();
    format!("hears {kind} {text} {numbers:?} {about}")
}
