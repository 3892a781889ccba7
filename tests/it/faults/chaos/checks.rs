//! The journals of all clients held against the history that every member reads afterwards.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::journal::{Entry, Seen};

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

/// What all clients did together.
#[derive(Debug, Default)]
struct Deeds<'a> {
    /// By text: every message has its own.
    sent: HashMap<&'a str, &'a str>,
    acknowledged: HashMap<&'a str, &'a Seen>,
    edits: HashMap<&'a str, Vec<&'a str>>,
    last_edit: HashMap<&'a str, &'a str>,
    deleting: HashSet<&'a str>,
    deleted: HashSet<&'a str>,
    /// Numbers of messages that somebody saw: a deleted one is not in the history any more.
    seqs: HashMap<&'a str, (&'a str, i64)>,
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

impl<'a> Deeds<'a> {
    fn of(accounts: &'a [Account]) -> Self {
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
    fn may_be_deleted(&self, conversation: &str, seq: i64) -> bool {
        self.deleting.iter().any(|id| self.seqs.get(id) == Some(&(conversation, seq)))
    }
}

/// The text as it was sent: edits append to it.
fn original(text: &str) -> &str {
    text.split_once(" edited ").map_or(text, |(original, _)| original)
}

#[derive(Default)]
struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, kind: Kind, detail: String) {
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

    fn in_account(&mut self, account: &Account, deeds: &Deeds<'_>, kept: &HashMap<&str, &Seen>) {
        let name = &account.name;
        let mut gone: HashSet<&str> = HashSet::new();
        let mut newest: HashMap<(u32, &str), i64> = HashMap::new();
        let mut heard: HashSet<(u32, &str)> = HashSet::new();
        for entry in &account.entries {
            match entry {
                Entry::Push { connection, message, is_news } => {
                    let was_gone = *is_news && gone.contains(message.id.as_str());
                    self.seen(account, message, deeds, kept, was_gone);
                    let is_first = heard.insert((*connection, &message.id));
                    // What comes again is a change.
                    if *is_news && is_first && !message.text.contains(" edited ") {
                        let key = (*connection, message.conversation.as_str());
                        let last = newest.insert(key, message.seq);
                        if last.is_some_and(|last| last > message.seq) {
                            let detail = format!("{name} heard {last:?} before {message:?}");
                            self.add(Kind::Reordered, detail);
                        }
                    }
                }
                Entry::Page { connection, message, is_news } => {
                    let was_gone = *is_news && gone.contains(message.id.as_str());
                    self.seen(account, message, deeds, kept, was_gone);
                    heard.insert((*connection, &message.id));
                }
                Entry::Gone { id, .. } => {
                    gone.insert(id);
                }
                Entry::Hole { event, .. } => {
                    self.add(Kind::Gap, format!("{name} was told too early: {event}"));
                }
                Entry::Refused { client_id, code, is_final: true } => {
                    self.add(Kind::Refused, format!("{client_id}: {code}"));
                }
                Entry::Connected { .. }
                | Entry::Invoke { .. }
                | Entry::Ack { .. }
                | Entry::Refused { .. }
                | Entry::Edit { .. }
                | Entry::Delete { .. }
                | Entry::Edited { .. }
                | Entry::Deleted { .. } => {}
            }
        }
        self.unanswered(account);
    }

    fn seen(
        &mut self,
        account: &Account,
        message: &Seen,
        deeds: &Deeds<'_>,
        kept: &HashMap<&str, &Seen>,
        was_gone: bool,
    ) {
        let (name, id) = (&account.name, message.id.as_str());
        if !account.conversations.contains(&message.conversation) {
            self.add(Kind::Leaked, format!("{name} was shown {message:?}"));
        }
        if !kept.contains_key(id) && !deeds.deleting.contains(id) {
            self.add(Kind::Phantom, format!("{name} was shown {message:?}"));
        }
        if was_gone {
            self.add(Kind::Resurrected, format!("{name} was shown {message:?}"));
        }
    }

    fn unanswered(&mut self, account: &Account) {
        let mut open = BTreeSet::new();
        for entry in &account.entries {
            if let Entry::Invoke { client_id, .. } = entry {
                open.insert(client_id);
            }
            if let Entry::Ack { client_id, .. } | Entry::Refused { client_id, is_final: true, .. } =
                entry
            {
                open.remove(client_id);
            }
        }
        for client_id in open {
            self.add(Kind::Unanswered, format!("{client_id} of {}", account.name));
        }
    }

    /// What was sent once, on one connection, has its numbers in the order it was sent.
    fn order_of_sends(&mut self, account: &Account) {
        let (mut tries, mut numbers) = (HashMap::<&str, u32>::new(), HashMap::new());
        for entry in &account.entries {
            if let Entry::Invoke { client_id, .. } = entry {
                *tries.entry(client_id).or_default() += 1;
            }
            if let Entry::Ack { client_id, message } = entry {
                numbers.insert(client_id.as_str(), message.seq);
            }
        }
        let mut last: HashMap<(u32, &str), i64> = HashMap::new();
        for entry in &account.entries {
            let Entry::Invoke { client_id, conversation, connection, .. } = entry else { continue };
            let Some(seq) = numbers.get(client_id.as_str()) else { continue };
            if tries[client_id.as_str()] > 1 {
                continue;
            }
            let before = last.insert((*connection, conversation), *seq);
            if before.is_some_and(|before| before > *seq) {
                let detail = format!("{client_id} has number {seq}, the one before it {before:?}");
                self.add(Kind::Reordered, detail);
            }
        }
    }

    /// What a client shows that has heard everything is what the history says.
    fn in_the_end(&mut self, account: &Account, shown: &Shown, histories: &[History]) {
        let read: HashMap<_, _> =
            histories.iter().map(|history| (&history.conversation, history)).collect();
        for (conversation, shown) in shown {
            let Some(history) = read.get(conversation) else { continue };
            let oldest = shown.values().map(|(seq, _)| *seq).min().unwrap_or_default();
            let name = &account.name;
            for message in history.messages.iter().filter(|message| message.seq >= oldest) {
                match shown.get(&message.id) {
                    Some((_, text)) if *text == message.text => {}
                    Some((_, text)) => {
                        let detail = format!("{name} shows {text:?} for {message:?}");
                        self.add(Kind::Gap, detail);
                    }
                    None => self.add(Kind::Gap, format!("{name} was never told of {message:?}")),
                }
            }
            let kept: HashSet<_> = history.messages.iter().map(|message| &message.id).collect();
            for (id, (seq, text)) in shown.iter().filter(|(id, _)| !kept.contains(id)) {
                let detail = format!("{name} still shows number {seq}, {text:?}, {id}");
                self.add(Kind::Resurrected, detail);
            }
        }
    }
}
