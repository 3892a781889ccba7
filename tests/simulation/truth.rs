//! What the database holds in the end, and what must be true of it.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;
use uuid::Uuid;

use crate::{database::Disk, world::Journal};

#[derive(Debug, Default)]
pub struct Truth {
    /// With members, change number and last message number.
    pub conversations: BTreeMap<String, Conversation>,
    pub messages: BTreeMap<String, Message>,
    /// Who has deleted what for himself.
    pub hidden: BTreeSet<(i64, String)>,
}

#[derive(Debug)]
pub struct Conversation {
    pub rev: i64,
    pub last_seq: i64,
    pub members: BTreeSet<i64>,
}

#[derive(Debug)]
pub struct Message {
    pub conversation: String,
    pub seq: i64,
    pub text: String,
    pub is_deleted: bool,
    created_at: String,
}

impl Truth {
    pub fn of(disk: &Disk) -> Self {
        let mut truth = Self::default();
        let id = |row: &sqlx::sqlite::SqliteRow, at: usize| row.get::<Uuid, _>(at).to_string();
        for row in disk.rows("SELECT id, rev, last_seq FROM conversations") {
            let (rev, last_seq, members) = (row.get(1), row.get(2), BTreeSet::new());
            truth.conversations.insert(id(&row, 0), Conversation { rev, last_seq, members });
        }
        for row in disk.rows("SELECT conversation_id, user_id FROM participants") {
            let conversation = truth.conversations.get_mut(&id(&row, 0)).unwrap();
            conversation.members.insert(row.get(1));
        }
        let sql = "SELECT id, conversation_id, seq, content, deleted_at IS NOT NULL, \
                   created_at FROM messages";
        for row in disk.rows(sql) {
            let message = Message {
                conversation: id(&row, 1),
                seq: row.get(2),
                text: row.get(3),
                is_deleted: row.get(4),
                created_at: row.get_unchecked(5),
            };
            truth.messages.insert(id(&row, 0), message);
        }
        for row in disk.rows("SELECT user_id, message_id FROM message_hidden") {
            truth.hidden.insert((row.get(0), id(&row, 1)));
        }
        truth
    }

    /// What `user` should see of a conversation from a message on, in its order.
    pub fn seen_by(&self, user: i64, conversation: &str, from: i64) -> BTreeMap<i64, &str> {
        let shown = self.messages.iter().filter(|(id, message)| {
            message.conversation == conversation
                && message.seq >= from
                && !message.is_deleted
                && !self.hidden.contains(&(user, (*id).clone()))
        });
        shown.map(|(_, message)| (message.seq, message.text.as_str())).collect()
    }

    /// The promises that can be read off the database and the journals.
    pub fn check(&self, journal: &mut Journal) {
        let mut broken = vec![];
        for acked in &journal.acked {
            match self.messages.get(&acked.message) {
                None => broken.push(format!("lost: {} was acknowledged", acked.client_id)),
                Some(message) if message.seq != acked.seq => {
                    broken.push(format!("{} was acknowledged as another number", acked.client_id));
                }
                Some(_) => {}
            }
        }
        let mut sent = BTreeSet::new();
        for message in self.messages.values().filter(|message| !message.text.is_empty()) {
            let original = message.text.split('+').next().unwrap_or_default();
            if !sent.insert(original) {
                broken.push(format!("duplicated: {original}"));
            }
        }
        for (id, conversation) in &self.conversations {
            let messages = self.messages.values().filter(|message| message.conversation == *id);
            let mut messages: Vec<_> = messages.collect();
            messages.sort_by_key(|message| message.seq);
            let seqs: Vec<_> = messages.iter().map(|message| message.seq).collect();
            if seqs != (1..=conversation.last_seq).collect::<Vec<_>>() {
                broken.push(format!("numbers with gaps or repeats: {seqs:?}"));
            }
            if !messages.is_sorted_by_key(|message| &message.created_at) {
                broken.push("the time of a message is before that of an earlier one".to_owned());
            }
        }
        for (message, (seq, told)) in &journal.told {
            match self.messages.get(message) {
                None => broken.push(format!("phantom: {told} was told and is not stored")),
                Some(stored) if stored.seq != *seq => {
                    broken.push(format!("{told} was told with another number"));
                }
                Some(_) => {}
            }
        }
        for (user, conversation) in &journal.heard_of {
            let found = self.conversations.get(conversation);
            if !found.is_some_and(|conversation| conversation.members.contains(user)) {
                broken.push(format!("leaked: {user} heard of a conversation of others"));
            }
        }
        journal.broken.extend(broken);
    }
}
