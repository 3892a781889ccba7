//! The journals of all clients held against the history that every member reads afterwards.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    deeds::{Deeds, original},
    journal::{Entry, Seen},
};

/// What must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Acknowledged and not there, or an edit or deletion that was confirmed and is not.
    Lost,
    /// Shown to somebody and not there.
    Phantom,
    /// There twice.
    Duplicated,
    /// In another order than it was sent or shown.
    Reordered,
    /// Numbers that are missing, or something a client was never told of.
    Gap,
    /// Shown to somebody who is no member.
    Leaked,
    /// Deleted and shown again.
    Resurrected,
    /// Refused although nothing was wrong with it.
    Refused,
    /// Never answered, however often it was repeated.
    Unanswered,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub kind: Kind,
    pub detail: String,
}

/// Numbers and texts by id, by conversation.
pub type Shown = BTreeMap<String, BTreeMap<String, (i64, String)>>;

/// One client's journal.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub name: String,
    /// The conversations of its person.
    pub conversations: BTreeSet<String>,
    pub entries: Vec<Entry>,
    /// What it shows in the end.
    pub shown: Option<Shown>,
}

/// What one member reads of one conversation in the end, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub reader: String,
    pub conversation: String,
    pub messages: Vec<Seen>,
}

pub fn check(accounts: &[Account], histories: &[History]) -> Vec<Violation> {
    let mut found = Found::default();
    let deeds = Deeds::of(accounts);
    for history in histories {
        found.in_history(history, &deeds);
    }
    found.agreement(histories);
    let kept: HashMap<_, _> = histories
        .iter()
        .flat_map(|history| &history.messages)
        .map(|message| (message.id.as_str(), message))
        .collect();
    found.promises(&deeds, &kept);
    for account in accounts {
        found.in_account(account, &deeds, &kept);
        found.order_of_sends(account);
        if let Some(shown) = &account.shown {
            found.in_the_end(account, shown, histories);
        }
    }
    found.0
}

#[derive(Default)]
pub(super) struct Found(Vec<Violation>);

impl Found {
    pub(super) fn add(&mut self, kind: Kind, detail: String) {
        self.0.push(Violation { kind, detail });
    }

    fn in_history(&mut self, history: &History, deeds: &Deeds<'_>) {
        let History { reader, conversation, messages } = history;
        let (mut ids, mut texts) = (HashSet::new(), HashSet::new());
        let mut next = 1;
        for message in messages {
            if !ids.insert(&message.id) || !texts.insert(original(&message.text)) {
                self.add(Kind::Duplicated, format!("{reader} reads it twice: {message:?}"));
            }
            if message.seq < next {
                self.add(Kind::Reordered, format!("{reader} reads it after {next}: {message:?}"));
            }
            for missing in next..message.seq {
                if !deeds.may_be_deleted(conversation, missing) {
                    let detail =
                        format!("{reader} does not find number {missing} of {conversation}");
                    self.add(Kind::Gap, detail);
                }
            }
            next = message.seq + 1;
            if !deeds.sent.contains_key(original(&message.text)) {
                self.add(Kind::Phantom, format!("nobody has sent {message:?}"));
            }
            if message.conversation != *conversation {
                self.add(Kind::Leaked, format!("{reader} reads in {conversation}: {message:?}"));
            }
            if deeds.deleted.contains(message.id.as_str()) {
                self.add(Kind::Resurrected, format!("{reader} reads it: {message:?}"));
            }
        }
    }

    /// All members read the same.
    fn agreement(&mut self, histories: &[History]) {
        let mut first: HashMap<&str, &History> = HashMap::new();
        for history in histories {
            let other = first.entry(&history.conversation).or_insert(history);
            if other.messages != history.messages {
                let (one, two) = (&other.reader, &history.reader);
                let detail = format!("{one} and {two} read different things");
                self.add(Kind::Reordered, detail);
            }
        }
    }

    fn promises(&mut self, deeds: &Deeds<'_>, kept: &HashMap<&str, &Seen>) {
        for (client_id, promise) in &deeds.acknowledged {
            let id = promise.id.as_str();
            let Some(message) = kept.get(id) else {
                if !deeds.deleting.contains(id) {
                    self.add(Kind::Lost, format!("{client_id}: {promise:?}"));
                }
                continue;
            };
            if message.seq != promise.seq {
                self.add(Kind::Reordered, format!("{promise:?} is now {message:?}"));
            }
        }
        for (id, text) in &deeds.last_edit {
            let Some(message) = kept.get(id) else { continue };
            // A later one, of which nobody knows, may have been stored.
            let edits = &deeds.edits[id];
            let at = edits.iter().position(|edit| edit == text).unwrap_or_default();
            if !edits[at..].contains(&message.text.as_str()) {
                self.add(Kind::Lost, format!("the edit to {text:?} of {message:?}"));
            }
        }
    }
}
