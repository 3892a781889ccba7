//! What a client did and heard, line by line on disk: written before it acts, so that nothing is
//! forgotten when the run breaks off.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message as somebody saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub id: String,
    pub conversation: String,
    pub seq: i64,
    pub sender: i64,
    pub text: String,
}

impl Seen {
    pub fn of(message: &Value) -> Self {
        let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
        Self {
            id: text("id"),
            conversation: text("conversation_id"),
            seq: message["seq"].as_i64().unwrap(),
            sender: message["sender"]["id"].as_i64().unwrap(),
            text: text("content"),
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Entry {
    /// A connection begins; the number of it.
    Connected {
        connection: u32,
    },
    /// About to send. What is sent again has the same `client_id`.
    Invoke {
        client_id: String,
        conversation: String,
        text: String,
        connection: u32,
    },
    /// `message_sent`.
    Ack {
        client_id: String,
        message: Seen,
    },
    /// `error`, of which there may be several.
    Refused {
        client_id: String,
        code: String,
        is_final: bool,
    },
    /// About to edit or delete.
    Edit {
        id: String,
        text: String,
    },
    Delete {
        id: String,
    },
    /// It was answered that this is done.
    Edited {
        id: String,
        text: String,
    },
    Deleted {
        id: String,
    },
    /// A new or changed message, live; `is_news` unless its number says that it is known already,
    /// `is_sent` if it is told that it was sent, not that it was changed since.
    Push {
        connection: u32,
        message: Seen,
        is_news: bool,
        is_sent: bool,
    },
    /// A message that catching up brought.
    Page {
        connection: u32,
        message: Seen,
        is_news: bool,
    },
    /// Somebody has deleted it.
    Gone {
        connection: u32,
        id: String,
    },
    /// Something live came before what precedes it.
    Hole {
        connection: u32,
        event: Value,
    },
}

/// The file of one client.
#[derive(Debug)]
pub struct Journal(File);

impl Journal {
    pub fn create(folder: &Path, name: &str) -> Self {
        Self(File::create(folder.join(format!("{name}.jsonl"))).unwrap())
    }

    pub fn write(&mut self, entry: &Entry) {
        let mut line = serde_json::to_vec(entry).unwrap();
        line.push(b'\n');
        self.0.write_all(&line).unwrap();
    }

    /// Everything that was written under this name.
    pub fn read(folder: &Path, name: &str) -> Vec<Entry> {
        let text = fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
