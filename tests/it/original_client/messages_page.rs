//! The Messages page: it sends everything twice, over REST and over its socket, and reads presence
//! and ticks out of details.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    helpers::{Person, Socket},
    on_both_databases,
};

/// A message as the Messages page shows it.
#[derive(Clone, Debug)]
struct Bubble {
    /// A number of the page's own until the server has told the real one.
    id: Value,
    sender: String,
    text: String,
    /// One tick is sent, two are delivered.
    ticks: usize,
    is_read: bool,
    reactions: Vec<(i64, String)>,
    quoted: Option<String>,
}

/// The Messages page with one conversation open.
#[derive(Debug)]
pub struct Page<'a> {
    me: &'a Person,
    partner: &'a Person,
    conversation: String,
    socket: Socket,
    bubbles: Vec<Bubble>,
    online: BTreeMap<i64, bool>,
    made_up_ids: i64,
}

impl<'a> Page<'a> {
    /// Finds the conversation in the list, loads it, marks it as read, and opens its socket.
    pub async fn open(me: &'a Person, partner: &'a Person) -> Self {
        let list = me.get("/api/messaging/conversations/").await.ok();
        let row = list.as_array().unwrap().iter().find(|row| {
            row["participant"]["username"] == *partner.username
                && row["other_participant"]["id"] == partner.id
        });
        let row = row.expect("a row of the partner");
        let conversation = row["conversation_id"].as_str().unwrap().to_owned();
        let path = format!("/api/messaging/conversations/{conversation}/");
        let history = me.get(&format!("{path}messages/")).await.ok();
        if row["unread_count"].as_i64().unwrap() > 0 {
            me.post(&format!("{path}mark-read/"), json!({})).await.ok();
        }
        let socket = me.connect().await;
        let bubbles = history["results"].as_array().unwrap().iter().map(bubble).collect();
        Self { me, partner, conversation, socket, bubbles, online: BTreeMap::new(), made_up_ids: 0 }
    }

    /// Sends over REST and then again over the socket. Whether the page handles the events of the
    /// first before or after it shows its own bubble is a matter of chance.
    async fn send(&mut self, text: &str, reply_to_id: &Value, hears_first: bool) {
        let path = format!("/api/messaging/conversations/{}/messages/", self.conversation);
        self.me.post(&path, json!({"content": text, "reply_to_id": reply_to_id})).await.ok();
        if hears_first {
            self.hear().await;
        }
        self.made_up_ids += 1;
        self.bubbles.push(Bubble {
            id: json!(self.made_up_ids),
            sender: self.me.username.clone(),
            text: text.to_owned(),
            ticks: 1,
            is_read: true,
            reactions: vec![],
            quoted: None,
        });
        let frame = json!({
            "type": "message",
            "recipient_id": self.partner.id,
            "text": text,
            "reply_to_id": reply_to_id,
        });
        self.socket.send(frame).await;
        self.hear().await;
    }

    /// A click on a reaction: over REST and then again over the socket.
    async fn react(&mut self, id: &Value, reaction: &str, is_removed: bool) {
        let path = format!("/api/messaging/messages/{}/reactions/", id.as_str().unwrap());
        let kind = if is_removed {
            self.me.post(&format!("{path}remove/"), json!({})).await.ok();
            "remove_reaction"
        } else {
            self.me.post(&path, json!({"reaction": reaction})).await.ok();
            "add_reaction"
        };
        let frame = json!({"type": kind, "message_id": id, "reaction_type": reaction});
        self.socket.send(frame).await;
        self.hear().await;
    }

    /// Takes in everything that has been told so far.
    async fn hear(&mut self) {
        for event in self.socket.drain_with_statuses().await {
            self.take(&event);
        }
    }

    fn take(&mut self, event: &Value) {
        let id = &event["message_id"];
        match event["type"].as_str().unwrap() {
            "message" => {
                let new = bubble(&event["message"]);
                if !self.bubbles.iter().any(|bubble| bubble.id == new.id) {
                    self.bubbles.push(new);
                }
            }
            "message_sent" => {
                let sent = bubble(&event["message"]);
                for bubble in &mut self.bubbles {
                    let is_own_copy = bubble.id.is_number() && bubble.text == sent.text;
                    if bubble.id == sent.id || is_own_copy {
                        *bubble = sent.clone();
                    }
                }
            }
            "message_delivered" => {
                let ticks = ticks(&event["delivered_to"]);
                self.bubbles.iter_mut().filter(|b| b.id == *id).for_each(|b| b.ticks = ticks);
            }
            "message_read" => {
                let ids = event["message_ids"].as_array().unwrap();
                let read = self.bubbles.iter_mut().filter(|bubble| ids.contains(&bubble.id));
                read.for_each(|bubble| bubble.is_read = true);
            }
            "reaction_update" => {
                let reactions = reactions(&event["reactions"]);
                for bubble in self.bubbles.iter_mut().filter(|bubble| bubble.id == *id) {
                    bubble.reactions.clone_from(&reactions);
                }
            }
            "user_status" => {
                // Presence is derived from the age of this time alone.
                let is_online = event["last_seen"].is_string();
                self.online.insert(event["user_id"].as_i64().unwrap(), is_online);
            }
            // Shown to the user.
            "error" => panic!("{event}"),
            _ => {}
        }
    }

    /// Texts and ticks; a bubble that has kept its made-up id shows no ticks here.
    fn shown(&self) -> Vec<(&str, usize)> {
        let ticks = |bubble: &Bubble| if bubble.id.is_string() { bubble.ticks } else { 0 };
        self.bubbles.iter().map(|bubble| (&*bubble.text, ticks(bubble))).collect()
    }

    fn last(&self) -> &Bubble {
        self.bubbles.last().unwrap()
    }
}

/// A message out of the history or an event.
fn bubble(message: &Value) -> Bubble {
    assert!(message["created_at"].is_string(), "{message}");
    Bubble {
        id: message["id"].clone(),
        sender: message["sender"]["username"].as_str().unwrap().to_owned(),
        text: message["content"].as_str().unwrap().to_owned(),
        ticks: ticks(&message["delivered_to"]),
        is_read: message["is_read"].as_bool().unwrap(),
        reactions: reactions(&message["reactions"]),
        quoted: message["reply_to"]["content"].as_str().map(ToOwned::to_owned),
    }
}

/// A name or a list of names: its length is what counts.
fn ticks(delivered_to: &Value) -> usize {
    let length = match delivered_to.as_str() {
        Some(name) => name.len(),
        None => delivered_to.as_array().unwrap().len(),
    };
    if length == 0 { 1 } else { 2 }
}

fn reactions(list: &Value) -> Vec<(i64, String)> {
    let list = list.as_array().unwrap().iter();
    list.map(|reaction| {
        let user = reaction["user"]["id"].as_i64().unwrap();
        (user, reaction["reaction_type"].as_str().unwrap().to_owned())
    })
    .collect()
}

on_both_databases! {
    async fn a_message_of_the_messages_page_is_one_bubble_with_two_ticks(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.conversation_with(&omar).await;
        let mut nadias = Page::open(&nadia, &omar).await;
        let mut omars = Page::open(&omar, &nadia).await;

        for (text, hears_first) in [("one", true), ("same", false), ("same", true), ("two", false)] {
            nadias.send(text, &Value::Null, hears_first).await;
            omars.hear().await;
        }
        let quoted = nadias.last().id.clone();
        omars.send("an answer", &quoted, false).await;
        nadias.hear().await;

        let texts = ["one", "same", "same", "two", "an answer"];
        for page in [&nadias, &omars] {
            assert_eq!(page.shown(), texts.map(|text| (text, 2)), "{}", page.me.username);
            assert_eq!(page.last().quoted.as_deref(), Some("two"));
            assert_eq!(page.last().sender, "omar");
        }
        // What is loaded anew looks the same.
        for page in [Page::open(&nadia, &omar).await, Page::open(&omar, &nadia).await] {
            assert_eq!(page.shown(), texts.map(|text| (text, 2)), "{}", page.me.username);
        }
    }

    async fn ticks_and_presence_of_the_messages_page_follow_the_other(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.conversation_with(&omar).await;
        let mut nadias = Page::open(&nadia, &omar).await;

        nadias.send("are you there?", &Value::Null, false).await;
        assert_eq!(nadias.shown(), [("are you there?", 1)]);
        assert_eq!(nadias.online.get(&omar.id), None);

        let mut omars = Page::open(&omar, &nadia).await;
        omars.hear().await;
        nadias.hear().await;
        assert_eq!(nadias.shown(), [("are you there?", 2)]);
        assert!(nadias.last().is_read);
        assert_eq!(omar.unread().await, 0);
        for (page, other) in [(&nadias, &omar), (&omars, &nadia)] {
            assert_eq!(page.online.get(&other.id), Some(&true), "{}", page.me.username);
        }

        omars.socket.close().await;
        while nadias.online[&omar.id] {
            let gone = nadias.socket.receive_status().await;
            nadias.take(&gone);
        }
    }

    async fn a_click_on_a_reaction_counts_once(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.conversation_with(&omar).await;
        let mut nadias = Page::open(&nadia, &omar).await;
        let mut omars = Page::open(&omar, &nadia).await;
        nadias.send("lunch?", &Value::Null, false).await;
        omars.hear().await;
        let id = omars.last().id.clone();

        let clicks = [("❤️", false, vec!["❤️"]), ("👍", false, vec!["👍"]), ("👍", true, vec![])];
        for (reaction, is_removed, left) in clicks {
            omars.react(&id, reaction, is_removed).await;
            nadias.hear().await;

            let left: Vec<_> = left.into_iter().map(|one| (omar.id, one.to_owned())).collect();
            assert_eq!(omars.last().reactions, left);
            assert_eq!(nadias.last().reactions, left);
        }
    }
}
