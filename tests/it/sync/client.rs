//! A client that follows the rule of `docs/protocol.md` and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::helpers::{Person, Socket};

/// What somebody's client knows.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub me: i64,
    pub epoch: Option<String>,
    pub conversations: BTreeMap<String, Known>,
    /// Started afresh by the answer that is coming in.
    fresh: BTreeSet<String>,
    pub resets: usize,
}

/// What it knows of one conversation.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub rev: i64,
    /// Messages before this one are left to history.
    pub from_seq: i64,
    pub messages: BTreeMap<String, Held>,
    /// What each member has read and received.
    pub cursors: BTreeMap<i64, (i64, i64)>,
    pub unread: i64,
}

/// A message as it would be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub seq: i64,
    pub sender: i64,
    pub text: String,
    pub is_edited: bool,
    pub quote: Option<(String, String)>,
    pub reactions: BTreeSet<(i64, String)>,
}

impl Held {
    pub fn of(message: &Value) -> Self {
        let quote = &message["reply_to"];
        let reactions = message["reactions"].as_array().unwrap();
        Self {
            seq: message["seq"].as_i64().unwrap(),
            sender: message["sender"]["id"].as_i64().unwrap(),
            text: text(&message["content"]),
            is_edited: message["is_edited"] == true,
            quote: quote.is_object().then(|| (text(&quote["id"]), text(&quote["content"]))),
            reactions: reactions.iter().map(reaction).collect(),
        }
    }
}

fn reaction(reaction: &Value) -> (i64, String) {
    (reaction["user"]["id"].as_i64().unwrap(), text(&reaction["reaction"]))
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Client {
    pub fn of(person: &Person) -> Self {
        Self { me: person.id, ..Self::default() }
    }

    pub fn cursors(&self) -> Value {
        let cursors = self.conversations.iter();
        cursors.map(|(id, known)| (id.clone(), json!(known.rev))).collect::<Map<_, _>>().into()
    }

    /// Connects and catches up.
    pub async fn come_back(&mut self, person: &Person) -> Socket {
        let mut socket = person.connect_v2().await;
        self.resume(&mut socket).await;
        socket
    }

    /// Resumes until nothing is left; live events in between are applied like all others. The number
    /// of answers.
    pub async fn resume(&mut self, socket: &mut Socket) -> usize {
        for answers in 1.. {
            let resume = json!({"type": "resume", "cursors": self.cursors(), "epoch": self.epoch});
            socket.send(resume).await;
            loop {
                let event = socket.receive().await;
                assert_ne!(event["type"], "error", "{event}");
                self.apply(&event);
                if event["type"] == "resumed" {
                    if event["complete"] == true {
                        return answers;
                    }
                    break;
                }
            }
            assert!(answers < 500, "no end: {}", self.cursors());
        }
        0
    }

    /// What came before the first answer broke off belongs to no epoch.
    pub fn forget_without_epoch(&mut self) {
        if self.epoch.is_none() {
            self.conversations.clear();
        }
    }

    /// [`Self::resume`] with a server that may be in trouble; `false` when it does not answer or says
    /// so.
    pub async fn try_resume(&mut self, socket: &mut Socket) -> bool {
        loop {
            self.forget_without_epoch();
            let resume = json!({"type": "resume", "cursors": self.cursors(), "epoch": self.epoch});
            if !socket.try_send(resume).await {
                return false;
            }
            let mut lacks = false;
            loop {
                let Some(Message::Text(event)) = socket.try_next().await else { return false };
                let event: Value = serde_json::from_str(&event).unwrap();
                if event["type"] == "error" {
                    return false;
                }
                // What comes live may be ahead of the answer, which need not hold it.
                lacks |= self.apply(&event).is_some();
                if event["type"] == "resumed" {
                    if event["complete"] == true && !lacks {
                        return true;
                    }
                    break;
                }
            }
        }
    }

    /// Catches up over REST.
    pub async fn sync(&mut self, person: &Person) {
        loop {
            let cursors: Vec<_> = self
                .conversations
                .iter()
                .map(|(id, known)| format!("{id}:{}", known.rev))
                .collect();
            let epoch = self.epoch.clone().unwrap_or_default();
            let path = format!("/api/messaging/sync/?cursors={}&epoch={epoch}", cursors.join(","));
            let answer = person.get(&path).await.ok();
            for result in answer["results"].as_array().unwrap() {
                self.sync_frame(result);
            }
            self.resumed(&answer);
            if answer["complete"] == true {
                return;
            }
        }
    }

    /// Catches up with one conversation over REST.
    pub async fn fetch(&mut self, person: &Person, conversation: &str) {
        loop {
            let known = self.conversations.get(conversation).map_or(0, |known| known.rev);
            let path = format!(
                "/api/messaging/conversations/{conversation}/changes/?after_rev={known}&limit=3"
            );
            let answer = person.get(&path).await.ok();
            self.sync_frame(&answer);
            if answer["has_more"] == false {
                return;
            }
        }
    }

    /// Takes an event in; the conversation of which something is missing.
    pub fn apply(&mut self, event: &Value) -> Option<String> {
        match event["type"].as_str().unwrap() {
            "sync" => self.sync_frame(event),
            "resumed" => self.resumed(event),
            "conversation_shown" => {
                let id = text(&event["conversation_id"]);
                return (!self.conversations.contains_key(&id)).then_some(id);
            }
            "conversation_hidden" => {
                self.conversations.remove(event["conversation_id"].as_str().unwrap());
            }
            "message_read" => {
                let (read, reader) = (event["read_seq"].as_i64(), event["read_by_id"].as_i64());
                self.receipt(event, reader.unwrap(), (read.unwrap(), read.unwrap()));
            }
            "mark_read_success" => {
                let read = event["read_seq"].as_i64().unwrap();
                self.receipt(event, self.me, (read, read));
            }
            "message_delivered" => {
                let known = self.conversations.get(event["conversation_id"].as_str().unwrap());
                let held = known.and_then(|it| it.messages.get(event["message_id"].as_str()?));
                if let Some(seq) = held.map(|held| held.seq) {
                    self.receipt(event, event["delivered_to_id"].as_i64().unwrap(), (0, seq));
                }
            }
            _ if event["rev"].is_i64() => return self.change(event),
            _ => {}
        }
        None
    }

    fn change(&mut self, event: &Value) -> Option<String> {
        let id = text(&event["conversation_id"]);
        let Some(known) = self.conversations.get_mut(&id) else { return Some(id) };
        let rev = event["rev"].as_i64().unwrap();
        if rev <= known.rev {
            return None;
        }
        // Told anew after a fault, an event spans the numbers its message had meanwhile.
        if event["prev_rev"].as_i64().unwrap() > known.rev {
            return Some(id);
        }
        known.rev = rev;
        match event["type"].as_str().unwrap() {
            "message_deleted" => known.remove(event["message_id"].as_str().unwrap()),
            "reaction_update" => {
                if let Some(held) = known.messages.get_mut(event["message_id"].as_str().unwrap()) {
                    let reactions = event["reactions"].as_array().unwrap();
                    held.reactions = reactions.iter().map(reaction).collect();
                }
            }
            "conversation_rev" => {}
            _ => known.put(&event["message"]),
        }
        None
    }

    fn receipt(&mut self, event: &Value, user: i64, seqs: (i64, i64)) {
        if let Some(known) = self.conversations.get_mut(event["conversation_id"].as_str().unwrap())
        {
            known.receipt(user, seqs);
        }
    }

    fn sync_frame(&mut self, frame: &Value) {
        let id = text(&frame["conversation_id"]);
        let known = self.conversations.entry(id.clone()).or_default();
        let rev = frame["rev"].as_i64().unwrap();
        if frame["reset"] == true {
            assert_eq!(frame["conversation"]["id"], json!(id));
            self.resets += 1;
            self.fresh.insert(id);
            *known = Known::default();
            let oldest = frame["messages"].as_array().unwrap().first();
            known.from_seq = match (frame["has_older"].as_bool().unwrap(), oldest) {
                (false, _) => 0,
                (true, Some(oldest)) => oldest["seq"].as_i64().unwrap(),
                (true, None) => frame["last_seq"].as_i64().unwrap() + 1,
            };
        } else {
            assert!(frame["from_rev"].as_i64().unwrap() <= known.rev, "a hole: {frame}");
        }
        // What it has heard live meanwhile is as new or newer.
        let before = known.rev;
        for message in frame["messages"].as_array().unwrap() {
            if frame["reset"] == true || message["rev"].as_i64().unwrap() > before {
                known.put(message);
            }
        }
        for hidden in frame["hidden"].as_array().unwrap() {
            known.messages.remove(hidden.as_str().unwrap());
        }
        known.rev = known.rev.max(rev);
        known.receipts(frame);
    }

    fn resumed(&mut self, event: &Value) {
        let fresh = std::mem::take(&mut self.fresh);
        let epoch = text(&event["epoch"]);
        if self.epoch.as_ref().is_some_and(|known| *known != epoch) {
            self.conversations.retain(|id, _| fresh.contains(id));
        }
        self.epoch = Some(epoch);
        for gone in event["gone"].as_array().unwrap() {
            self.conversations.remove(gone.as_str().unwrap());
        }
        for receipts in event["receipts"].as_array().unwrap() {
            let id = receipts["conversation_id"].as_str().unwrap();
            self.conversations.get_mut(id).unwrap().receipts(receipts);
        }
    }
}

impl Known {
    fn put(&mut self, message: &Value) {
        let id = text(&message["id"]);
        if message["is_deleted"] == true {
            return self.remove(&id);
        }
        let held = Held::of(message);
        for (name, seqs) in
            [("read_by_users", (held.seq, held.seq)), ("delivered_by_users", (0, held.seq))]
        {
            for user in message[name].as_array().unwrap() {
                self.receipt(user["id"].as_i64().unwrap(), seqs);
            }
        }
        self.quote(&id, &held.text);
        if held.seq >= self.from_seq {
            self.messages.insert(id, held);
        }
    }

    fn remove(&mut self, id: &str) {
        self.messages.remove(id);
        self.quote(id, "");
    }

    /// What is quoted changes with the message.
    fn quote(&mut self, quoted: &str, words: &str) {
        for held in self.messages.values_mut() {
            if let Some((_, shown)) = held.quote.as_mut().filter(|(id, _)| id == quoted) {
                words.clone_into(shown);
            }
        }
    }

    fn receipt(&mut self, user: i64, (read, delivered): (i64, i64)) {
        let cursor = self.cursors.entry(user).or_default();
        *cursor = (cursor.0.max(read), cursor.1.max(delivered).max(read));
    }

    fn receipts(&mut self, told: &Value) {
        for cursor in told["cursors"].as_array().unwrap() {
            let number = |name: &str| cursor[name].as_i64().unwrap();
            self.receipt(number("user_id"), (number("read_seq"), number("delivered_seq")));
        }
        self.unread = told["unread_count"].as_i64().unwrap();
    }
}
