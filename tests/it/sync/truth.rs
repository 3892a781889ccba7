//! What the server would show somebody now, held against what his client knows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Client,
    client::{Held, text},
};
use crate::helpers::Person;

/// Every conversation of somebody's list with its whole history.
#[derive(Debug)]
pub struct Truth(BTreeMap<String, (Value, Vec<Value>)>);

impl Truth {
    pub async fn of(person: &Person) -> Self {
        let mut conversations = BTreeMap::new();
        let list = person.get("/api/messaging/conversations/").await.ok();
        for conversation in list.as_array().unwrap() {
            let id = text(&conversation["id"]);
            let mut path = format!(
                "/api/messaging/conversations/{id}/messages/?page_size=100&before={}",
                i64::MAX
            );
            let mut messages = vec![];
            loop {
                let page = person.get(&path).await.ok();
                messages.extend(page["results"].as_array().unwrap().iter().cloned());
                let Some(next) = page["next"].as_str() else { break };
                next[next.find("/api/").unwrap()..].clone_into(&mut path);
            }
            conversations.insert(id, (conversation.clone(), messages));
        }
        Self(conversations)
    }

    /// `during` says in which run, should it fail.
    #[track_caller]
    pub fn is_known_to(&self, client: &Client, during: &str) {
        let listed: Vec<_> = self.0.keys().collect();
        let known: Vec<_> = client.conversations.keys().collect();
        assert_eq!(known, listed, "{during}: conversations");
        for (id, (conversation, messages)) in &self.0 {
            let known = &client.conversations[id];
            let during = format!("{during}: {id}");
            assert_eq!(known.rev, conversation["rev"], "{during}: rev");

            let shown = messages.iter().filter(|it| it["seq"].as_i64().unwrap() >= known.from_seq);
            let shown: BTreeMap<_, _> = shown.map(|it| (text(&it["id"]), it)).collect();
            let ids: Vec<_> = shown.keys().collect();
            assert_eq!(known.messages.keys().collect::<Vec<_>>(), ids, "{during}: messages");
            let exists: BTreeSet<_> = messages.iter().map(|it| text(&it["id"])).collect();
            for (id, message) in shown {
                let (mut held, mut now) = (known.messages[&id].clone(), Held::of(message));
                // A quote of what one has deleted for oneself is not kept up to date.
                for quote in [&mut held.quote, &mut now.quote] {
                    if let Some((_, words)) = quote.as_mut().filter(|it| !exists.contains(&it.0)) {
                        words.clear();
                    }
                }
                assert_eq!(held, now, "{during}: {id}");
                for (name, derived) in [
                    ("read_by_users", known.members(&held, |(read, _)| read)),
                    ("delivered_by_users", known.members(&held, |(_, delivered)| delivered)),
                ] {
                    let told = message[name].as_array().unwrap().iter();
                    let told: Vec<_> = told.map(|user| user["id"].as_i64().unwrap()).collect();
                    assert_eq!(derived, told, "{during}: {id}: {name}");
                }
            }
        }
    }

    /// Also how much is unread: true of a client that has just caught up.
    #[track_caller]
    pub fn is_known_at_rest_to(&self, client: &Client, during: &str) {
        self.is_known_to(client, during);
        for (id, (conversation, _)) in &self.0 {
            let unread = client.conversations[id].unread;
            assert_eq!(unread, conversation["unread_count"], "{during}: {id}: unread");
        }
    }
}

impl super::client::Known {
    /// The members other than its sender who have come as far as this message.
    fn members(&self, held: &Held, how_far: impl Fn((i64, i64)) -> i64) -> Vec<i64> {
        let others = self.cursors.iter().filter(|(user, _)| **user != held.sender);
        others.filter(|(_, cursor)| how_far(**cursor) >= held.seq).map(|(user, _)| *user).collect()
    }
}
