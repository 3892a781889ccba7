//! What a client makes of what it is told: it writes it down, and takes it in.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    device::{Device, PAUSE},
    journal::{Entry, Seen},
};

impl Device {
    pub(super) fn hear(&mut self, event: &Value) {
        let kind = event["type"].as_str().unwrap();
        match kind {
            "error" => return self.refused(event),
            "message_sent" => self.acknowledged(event),
            "resumed" => self.is_catching_up = false,
            _ => {}
        }
        self.note(kind, event);
        let lacks = self.client.apply(event).is_some();
        // The answer to a repeat comes at once, whatever has been told before.
        let may_lack = self.is_catching_up || self.is_unsure || event["duplicate"] == true;
        if lacks && !may_lack {
            self.journal.write(&Entry::Hole { connection: self.connection, event: brief(event) });
        }
        self.lacks |= lacks || (kind == "resumed" && event["complete"] != true);
    }

    /// Writes down what an event shows.
    fn note(&mut self, kind: &str, event: &Value) {
        let connection = self.connection;
        let known = |conversation: &Value| {
            let known = self.client.conversations.get(conversation.as_str().unwrap());
            known.map_or(-1, |known| known.rev)
        };
        let mut entries = vec![];
        match kind {
            "new_message" | "message_updated" | "message_sent" => {
                let known = known(&event["conversation_id"]);
                let (prev_rev, rev) = (event["prev_rev"].as_i64(), event["rev"].as_i64());
                let is_news = prev_rev <= Some(known) && rev > Some(known);
                let message = Seen::of(&event["message"]);
                // A repeat is answered with the message as it is now.
                let is_sent = kind != "message_updated" && event["duplicate"] != true;
                entries.push(Entry::Push { connection, message, is_news, is_sent });
            }
            // One that comes before what precedes it is not taken in; it comes again with the rest.
            "message_deleted"
                if event["prev_rev"].as_i64() <= Some(known(&event["conversation_id"])) =>
            {
                let id = event["message_id"].as_str().unwrap().to_owned();
                entries.push(Entry::Gone { connection, id });
            }
            "sync" => {
                let known = known(&event["conversation_id"]);
                for message in event["messages"].as_array().unwrap() {
                    entries.push(if message["is_deleted"] == true {
                        let id = message["id"].as_str().unwrap().to_owned();
                        Entry::Gone { connection, id }
                    } else {
                        let is_news = message["rev"].as_i64() > Some(known);
                        Entry::Page { connection, message: Seen::of(message), is_news }
                    });
                }
            }
            _ => {}
        }
        for entry in entries {
            self.journal.write(&entry);
        }
    }

    fn acknowledged(&mut self, event: &Value) {
        let Some(at) = self.open.iter().position(|open| event["client_id"] == open.client_id)
        else {
            return;
        };
        let open = self.open.remove(at).unwrap();
        self.fleet.open.fetch_sub(1, Ordering::SeqCst);
        let message = Seen::of(&event["message"]);
        self.own.lock().unwrap().push((message.id.clone(), message.text.clone()));
        self.journal.write(&Entry::Ack { client_id: open.client_id, message });
    }

    fn refused(&mut self, error: &Value) {
        let Some(at) = self.open.iter().position(|open| error["client_id"] == open.client_id)
        else {
            // Catching up, a mark or a reaction could not be done now.
            if self.is_catching_up {
                self.lacks = true;
                self.is_catching_up = false;
                self.is_unsure = true;
            }
            return;
        };
        let is_final = error["retry_after"].is_null();
        self.journal.write(&Entry::Refused {
            client_id: self.open[at].client_id.clone(),
            code: error["code"].as_str().unwrap().to_owned(),
            is_final,
        });
        if is_final {
            self.open.remove(at);
            self.fleet.open.fetch_sub(1, Ordering::SeqCst);
        } else {
            self.open[at].due = Instant::now() + PAUSE;
        }
    }
}

fn brief(event: &Value) -> Value {
    json!({
        "type": event["type"],
        "conversation_id": event["conversation_id"],
        "rev": event["rev"],
        "prev_rev": event["prev_rev"],
    })
}
