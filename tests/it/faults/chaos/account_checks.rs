//! What one client wrote down: what it was shown, in which order, and what it shows in the end.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    checks::{Account, Found, History, Kind, Shown},
    deeds::Deeds,
    journal::{Entry, Seen},
};

impl Found {
    pub(super) fn in_account(
        &mut self,
        account: &Account,
        deeds: &Deeds<'_>,
        kept: &HashMap<&str, &Seen>,
    ) {
        let name = &account.name;
        let mut gone: HashSet<&str> = HashSet::new();
        let mut newest: HashMap<(u32, &str), i64> = HashMap::new();
        let mut heard: HashSet<(u32, &str)> = HashSet::new();
        for entry in &account.entries {
            match entry {
                Entry::Push { connection, message, is_news, is_sent } => {
                    let was_gone = *is_news && gone.contains(message.id.as_str());
                    self.seen(account, message, deeds, kept, was_gone);
                    let is_first = heard.insert((*connection, &message.id));
                    if *is_news && *is_sent && is_first {
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
    pub(super) fn order_of_sends(&mut self, account: &Account) {
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
    pub(super) fn in_the_end(&mut self, account: &Account, shown: &Shown, histories: &[History]) {
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
