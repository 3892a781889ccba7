//! What the server has promised to somebody, held against what it still knows later.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// Messages whose `message_sent` has arrived.
#[derive(Debug, Default)]
pub struct Ledger(Vec<Promise>);

#[derive(Clone, Debug)]
struct Promise {
    id: String,
    seq: i64,
    text: String,
}

fn read(message: &Value) -> Promise {
    Promise {
        id: message["id"].as_str().unwrap().to_owned(),
        seq: message["seq"].as_i64().unwrap(),
        text: message["text"].as_str().unwrap().to_owned(),
    }
}

impl Ledger {
    /// Notes the message of a `message_sent`.
    pub fn acknowledged(&mut self, message: &Value) {
        self.0.push(read(message));
    }

    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Holds a whole history, oldest first, against the promises. Texts are a name and a number
    /// that its owner counts up.
    pub fn check(&self, history: &[Value]) -> Result<(), String> {
        let history: Vec<_> = history.iter().map(read).collect();
        for (place, message) in (1..).zip(&history) {
            if message.seq != place {
                return Err(format!("gap: number {} stands at place {place}", message.seq));
            }
        }
        let mut texts = HashSet::new();
        let mut counters: HashMap<&str, i64> = HashMap::new();
        for message in &history {
            if !texts.insert(&message.text) {
                return Err(format!("duplicated: {message:?}"));
            }
            let (name, counter) = message.text.split_once(' ').unwrap();
            let counter = counter.parse().unwrap();
            let last = counters.insert(name, counter);
            if last.is_some_and(|last| last >= counter) {
                return Err(format!("out of order: {message:?} comes after {last:?}"));
            }
        }
        let by_id: HashMap<_, _> = history.iter().map(|message| (&message.id, message)).collect();
        for promise in &self.0 {
            match by_id.get(&promise.id) {
                None => return Err(format!("lost: {promise:?}")),
                Some(kept) if (kept.seq, &kept.text) != (promise.seq, &promise.text) => {
                    return Err(format!("changed: {promise:?} is now {kept:?}"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

mod tests {
    use serde_json::json;

    use super::*;

    fn message(seq: i64, text: &str) -> Value {
        json!({"id": format!("id of {text}"), "seq": seq, "text": text})
    }

    #[test]
    fn every_kind_of_damage_is_found() {
        let mut ledger = Ledger::default();
        ledger.acknowledged(&message(1, "nadia 1"));
        ledger.acknowledged(&message(2, "omar 1"));
        let check = |history: &[(i64, &str)]| {
            let history: Vec<_> = history.iter().map(|(seq, text)| message(*seq, text)).collect();
            ledger.check(&history).map_err(|error| error.split(':').next().unwrap().to_owned())
        };

        assert_eq!(check(&[(1, "nadia 1"), (2, "omar 1")]), Ok(()));
        // More than was acknowledged is no damage.
        assert_eq!(check(&[(1, "nadia 1"), (2, "omar 1"), (3, "nadia 2")]), Ok(()));
        for (history, damage) in [
            (&[(1, "nadia 1")][..], "lost"),
            (&[], "lost"),
            (&[(1, "nadia 1"), (3, "omar 1")], "gap"),
            (&[(2, "omar 1"), (1, "nadia 1")], "gap"),
            (&[(1, "nadia 1"), (2, "omar 1"), (3, "omar 1")], "duplicated"),
            (&[(1, "omar 1"), (2, "nadia 1")], "changed"),
            (&[(1, "nadia 1"), (2, "omar 1"), (3, "omar 0")], "out of order"),
        ] {
            assert_eq!(check(history), Err(damage.to_owned()), "{history:?}");
        }
    }
}
