//! What all clients of a run did together, as their journals tell.

use std::collections::{HashMap, HashSet};

use super::{
    checks::Account,
    journal::{Entry, Seen},
};

/// What all clients did together.
#[derive(Debug, Default)]
pub struct Deeds<'a> {
    /// By text: every message has its own.
    pub sent: HashMap<&'a str, &'a str>,
    pub acknowledged: HashMap<&'a str, &'a Seen>,
    pub edits: HashMap<&'a str, Vec<&'a str>>,
    pub last_edit: HashMap<&'a str, &'a str>,
    pub deleting: HashSet<&'a str>,
    pub deleted: HashSet<&'a str>,
    /// Numbers of messages that somebody saw: a deleted one is not in the history any more.
    pub seqs: HashMap<&'a str, (&'a str, i64)>,
}

impl<'a> Deeds<'a> {
    pub fn of(accounts: &'a [Account]) -> Self {
        let mut deeds = Self::default();
        for entry in accounts.iter().flat_map(|account| &account.entries) {
            match entry {
                Entry::Invoke { client_id, text, .. } => {
                    deeds.sent.insert(text, client_id);
                }
                Entry::Ack { client_id, message } => {
                    deeds.acknowledged.insert(client_id, message);
                    deeds.saw(message);
                }
                Entry::Edit { id, text } => deeds.edits.entry(id).or_default().push(text),
                Entry::Edited { id, text } => {
                    deeds.last_edit.insert(id, text);
                }
                Entry::Delete { id } => {
                    deeds.deleting.insert(id);
                }
                Entry::Deleted { id } => {
                    deeds.deleted.insert(id);
                }
                Entry::Push { message, .. } | Entry::Page { message, .. } => deeds.saw(message),
                Entry::Connected { .. }
                | Entry::Refused { .. }
                | Entry::Gone { .. }
                | Entry::Hole { .. } => {}
            }
        }
        deeds
    }

    fn saw(&mut self, message: &'a Seen) {
        self.seqs.insert(&message.id, (&message.conversation, message.seq));
    }

    /// Whether somebody has tried to delete the message with this number.
    pub fn may_be_deleted(&self, conversation: &str, seq: i64) -> bool {
        self.deleting.iter().any(|id| self.seqs.get(id) == Some(&(conversation, seq)))
    }
}

/// The text as it was sent: edits append to it.
pub fn original(text: &str) -> &str {
    text.split_once(" edited ").map_or(text, |(original, _)| original)
}
