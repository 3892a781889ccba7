//! What a client knows, by the rules of `docs/protocol.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::truth::Truth;

#[derive(Debug, Default)]
pub struct Book {
    pub epoch: Option<String>,
    pub conversations: BTreeMap<String, Known>,
    fresh: BTreeSet<String>,
}

/// What is known of one conversation.
#[derive(Debug, Default)]
pub struct Known {
    pub rev: i64,
    from_seq: i64,
    pub messages: BTreeMap<String, Held>,
    gone: BTreeSet<String>,
}

#[derive(Debug)]
pub struct Held {
    pub seq: i64,
    pub rev: i64,
    pub sender: i64,
    pub text: String,
}

/// What an event means to a client that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Taken,
    /// The conversation is not held.
    Unknown,
    /// Something before it is missing.
    Hole,
}

impl Book {
    pub fn cursors(&self) -> Value {
        // What was only heard of has none.
        let cursors = self.conversations.iter().filter(|(_, known)| known.rev > 0);
        cursors.map(|(id, known)| (id.clone(), json!(known.rev))).collect::<Map<_, _>>().into()
    }

    /// Takes in a live event that has a `rev`.
    pub fn change(&mut self, event: &Value) -> Reading {
        let Some(known) = self.conversations.get_mut(str(&event["conversation_id"])) else {
            return Reading::Unknown;
        };
        let rev = int(&event["rev"]);
        if rev <= known.rev {
            return Reading::Taken;
        }
        if int(&event["prev_rev"]) > known.rev {
            return Reading::Hole;
        }
        known.rev = rev;
        known.show(event);
        Reading::Taken
    }

    /// Takes in a live event as somebody who does not count.
    pub fn show(&mut self, event: &Value) {
        let id = str(&event["conversation_id"]).to_owned();
        self.conversations.entry(id).or_default().show(event);
    }

    /// `false` if it leaves something out.
    pub fn sync(&mut self, frame: &Value) -> bool {
        let id = str(&frame["conversation_id"]).to_owned();
        let known = self.conversations.entry(id.clone()).or_default();
        if frame["reset"] == true {
            self.fresh.insert(id);
            let messages = frame["messages"].as_array().unwrap();
            known.from_seq = match (frame["has_older"] == true, messages.first()) {
                (false, _) => 0,
                (true, Some(oldest)) => int(&oldest["seq"]),
                (true, None) => int(&frame["last_seq"]) + 1,
            };
        } else if int(&frame["from_rev"]) > known.rev {
            return false;
        }
        for message in frame["messages"].as_array().unwrap() {
            known.put(message);
        }
        for hidden in frame["hidden"].as_array().unwrap() {
            known.take_out(str(hidden));
        }
        known.rev = known.rev.max(int(&frame["rev"]));
        true
    }

    pub fn resumed(&mut self, event: &Value) {
        let fresh = std::mem::take(&mut self.fresh);
        let epoch = str(&event["epoch"]).to_owned();
        if self.epoch.as_ref().is_some_and(|known| *known != epoch) {
            self.conversations.retain(|id, _| fresh.contains(id));
        }
        self.epoch = Some(epoch);
        for gone in event["gone"].as_array().unwrap() {
            self.conversations.remove(str(gone));
        }
    }

    /// What is missing or wrong; `None` when it is what the database holds.
    pub fn differs_from(&self, truth: &Truth, user: i64, counts: bool) -> Option<String> {
        let own = truth.conversations.iter().filter(|(_, it)| it.members.contains(&user));
        for (id, conversation) in own {
            let Some(known) = self.conversations.get(id) else {
                if conversation.last_seq == 0 && !counts {
                    continue;
                }
                return Some(format!("a conversation of {:?} is not known", conversation.members));
            };
            if counts && known.rev != conversation.rev {
                return Some(format!("at change {} of {}", known.rev, conversation.rev));
            }
            let shown = truth.seen_by(user, id, known.from_seq);
            let held = known.messages.values().filter(|held| held.seq >= known.from_seq);
            let held: BTreeMap<_, _> = held.map(|held| (held.seq, held.text.as_str())).collect();
            if held != shown {
                let members = &conversation.members;
                return Some(format!("of {members:?} knows {held:?} instead of {shown:?}"));
            }
        }
        None
    }
}

impl Known {
    fn show(&mut self, event: &Value) {
        match str(&event["type"]) {
            "message_deleted" => self.take_out(str(&event["message_id"])),
            "new_message" | "message" | "message_sent" | "message_updated" => {
                self.put(&event["message"]);
            }
            _ => {}
        }
    }

    /// The newest state of a message stands, whichever way it has come.
    fn put(&mut self, message: &Value) {
        let id = str(&message["id"]);
        if message["is_deleted"] == true {
            return self.take_out(id);
        }
        let held = Held {
            seq: int(&message["seq"]),
            rev: int(&message["rev"]),
            sender: int(&message["sender"]["id"]),
            text: str(&message["content"]).to_owned(),
        };
        let is_newer = self.messages.get(id).is_none_or(|before| before.rev <= held.rev);
        if is_newer && !self.gone.contains(id) {
            self.messages.insert(id.to_owned(), held);
        }
    }

    fn take_out(&mut self, id: &str) {
        self.messages.remove(id);
        self.gone.insert(id.to_owned());
    }
}

pub fn str(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

pub fn int(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("no number: {value}"))
}
