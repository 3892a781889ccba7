//! One client of the fleet: it sends, listens, comes back when its connection ends and repeats what
//! has not been answered, as `docs/protocol.md` tells clients to.

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use super::{
    dice::Dice,
    journal::{Entry, Journal, Seen},
};
use crate::{
    helpers::{Person, Site, Socket},
    sync::client::Client,
};

/// Messages under way at the same time.
const WINDOW: usize = 4;

/// A message is sent again after so long.
const REPEAT: Duration = Duration::from_secs(2);

/// A connection that has said nothing for so long, while an answer is due, is given up.
const SILENCE: Duration = Duration::from_secs(3);

/// Pause between two looks at what there is to do.
const TURN: Duration = Duration::from_millis(25);

/// Pause before trying again what was refused.
const PAUSE: Duration = Duration::from_millis(300);

/// What the fleet does at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Storm,
    /// Nothing new is sent; what is open is repeated.
    Calm,
    /// Done as soon as everything up to these numbers is known.
    Complete(BTreeMap<String, i64>),
}

/// What all clients share.
#[derive(Debug)]
pub struct Fleet {
    pub phase: watch::Sender<Phase>,
    /// Counts everything that is answered or heard.
    pub progress: watch::Sender<u64>,
    /// Messages sent and not answered yet, and edits and deletions likewise.
    pub open: AtomicUsize,
    /// Devices that are not done.
    pub living: AtomicUsize,
}

impl Fleet {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            phase: watch::channel(Phase::Storm).0,
            progress: watch::channel(0).0,
            open: AtomicUsize::new(0),
            living: AtomicUsize::new(0),
        })
    }

    pub fn moved(&self) {
        self.progress.send_modify(|count| *count += 1);
    }
}

/// A message that has not been answered.
#[derive(Debug)]
struct Open {
    client_id: String,
    conversation: String,
    text: String,
    /// When to send it again.
    due: Instant,
}

#[derive(Debug)]
pub struct Device {
    pub name: String,
    pub client: Client,
    person: Person,
    conversations: Vec<String>,
    sites: Vec<Site>,
    journal: Journal,
    dice: Dice,
    fleet: Arc<Fleet>,
    /// Acknowledged messages of its person, which may be edited and deleted.
    own: Arc<Mutex<Vec<(String, String)>>>,
    open: VecDeque<Open>,
    sent: u32,
    connection: u32,
    is_catching_up: bool,
    lacks: bool,
}

/// Of whom a device is.
#[derive(Clone, Debug)]
pub struct Owner {
    pub person: Person,
    pub conversations: Vec<String>,
    pub own: Arc<Mutex<Vec<(String, String)>>>,
}

impl Device {
    pub fn of(
        owner: &Owner,
        name: String,
        sites: Vec<Site>,
        folder: &Path,
        dice: Dice,
        fleet: Arc<Fleet>,
    ) -> Self {
        fleet.living.fetch_add(1, Ordering::SeqCst);
        Self {
            client: Client::of(&owner.person),
            journal: Journal::create(folder, &name),
            name,
            person: owner.person.clone(),
            conversations: owner.conversations.clone(),
            sites,
            dice,
            fleet,
            own: owner.own.clone(),
            open: VecDeque::new(),
            sent: 0,
            connection: 0,
            is_catching_up: false,
            lacks: false,
        }
    }

    fn phase(&self) -> Phase {
        self.fleet.phase.borrow().clone()
    }

    /// Lives until everything is known, or until `deadline` after the calm has begun.
    pub async fn live(mut self, mut end: watch::Receiver<bool>) -> Self {
        while !self.is_done() && !*end.borrow() {
            let connected = tokio::select! {
                socket = self.connect() => socket,
                _ = end.wait_for(|end| *end) => None,
            };
            if let Some(socket) = connected {
                self.use_connection(socket, &end).await;
            }
        }
        self.fleet.living.fetch_sub(1, Ordering::SeqCst);
        self.fleet.moved();
        self
    }

    fn is_done(&self) -> bool {
        let Phase::Complete(revs) = self.phase() else { return false };
        self.open.is_empty()
            && self.conversations.iter().all(|conversation| {
                let known = self.client.conversations.get(conversation).map_or(0, |it| it.rev);
                known >= revs[conversation]
            })
    }

    /// Tries the servers one after the other.
    async fn connect(&mut self) -> Option<Socket> {
        let site = self.sites[self.connection as usize % self.sites.len()].clone();
        self.connection += 1;
        let Ok(Some(socket)) = timeout(SILENCE, self.person.at(&site).try_connect_v2()).await
        else {
            let mut progress = self.fleet.progress.subscribe();
            // Somebody else may have more luck meanwhile.
            drop(timeout(PAUSE, progress.changed()).await);
            return None;
        };
        self.journal.write(&Entry::Connected { connection: self.connection });
        Some(socket)
    }

    async fn use_connection(&mut self, mut socket: Socket, end: &watch::Receiver<bool>) {
        for open in &mut self.open {
            open.due = Instant::now();
        }
        let (mut heard, mut acted) = (Instant::now(), Instant::now());
        if !self.resume(&mut socket).await {
            return;
        }
        while !self.is_done() && !*end.borrow() {
            match timeout(TURN, socket.quiet_next()).await {
                Ok(Some(Message::Text(event))) => {
                    heard = Instant::now();
                    self.hear(&serde_json::from_str(&event).unwrap());
                    self.fleet.moved();
                    if self.lacks && !self.is_catching_up && !self.resume(&mut socket).await {
                        return;
                    }
                }
                Ok(Some(_)) | Err(_) => {}
                Ok(None) => return,
            }
            if acted.elapsed() < TURN {
                continue;
            }
            acted = Instant::now();
            let is_owed = !self.open.is_empty() || self.is_catching_up;
            if (is_owed && heard.elapsed() > SILENCE) || !self.act(&mut socket).await {
                return;
            }
        }
    }

    async fn resume(&mut self, socket: &mut Socket) -> bool {
        (self.is_catching_up, self.lacks) = (true, false);
        self.client.forget_without_epoch();
        let (cursors, epoch) = (self.client.cursors(), self.client.epoch.clone());
        send(socket, json!({"type": "resume", "cursors": cursors, "epoch": epoch})).await
    }

    /// Sends what is new or due; `false` when the connection is gone.
    async fn act(&mut self, socket: &mut Socket) -> bool {
        let now = Instant::now();
        for at in 0..self.open.len() {
            if self.open[at].due <= now && !self.transmit(socket, at).await {
                return false;
            }
        }
        if self.phase() != Phase::Storm {
            return true;
        }
        while self.open.len() < WINDOW {
            self.sent += 1;
            let client_id = format!("{}-{}", self.name, self.sent);
            let text = format!("{} {}", self.name, self.sent);
            let conversation = self.dice.choose(&self.conversations).clone();
            self.open.push_back(Open { client_id, conversation, text, due: now });
            self.fleet.open.fetch_add(1, Ordering::SeqCst);
            if !self.transmit(socket, self.open.len() - 1).await {
                return false;
            }
        }
        if self.dice.one_in(12) {
            let conversation = self.dice.choose(&self.conversations).clone();
            return send(socket, json!({"type": "mark_read", "conversation_id": conversation}))
                .await;
        }
        if self.dice.one_in(20) {
            let conversation = self.dice.choose(&self.conversations).clone();
            let known = self.client.conversations.get(&conversation);
            let ids: Vec<_> = known.iter().flat_map(|known| known.messages.keys()).collect();
            if !ids.is_empty() {
                let reaction = *self.dice.choose(&["👍", "🎉", "wow"]);
                let id = *self.dice.choose(&ids);
                let frame = json!({"type": "react", "message_id": id, "reaction": reaction});
                return send(socket, frame).await;
            }
        }
        true
    }

    async fn transmit(&mut self, socket: &mut Socket, at: usize) -> bool {
        let open = &mut self.open[at];
        open.due = Instant::now() + REPEAT;
        self.journal.write(&Entry::Invoke {
            client_id: open.client_id.clone(),
            conversation: open.conversation.clone(),
            text: open.text.clone(),
            connection: self.connection,
        });
        let frame = json!({
            "type": "message",
            "conversation_id": open.conversation,
            "text": open.text,
            "client_id": open.client_id,
        });
        send(socket, frame).await
    }

    fn hear(&mut self, event: &Value) {
        let kind = event["type"].as_str().unwrap();
        match kind {
            "error" => return self.refused(event),
            "message_sent" => self.acknowledged(event),
            "resumed" => self.is_catching_up = event["complete"] != true,
            _ => {}
        }
        self.note(kind, event);
        let lacks = self.client.apply(event).is_some();
        // The answer to a repeat comes at once, whatever has been told before.
        if lacks && !self.is_catching_up && event["duplicate"] != true {
            self.journal.write(&Entry::Hole { connection: self.connection, event: brief(event) });
        }
        self.lacks |= lacks || (kind == "resumed" && event["complete"] != true);
    }

    /// Writes down what an event shows.
    fn note(&mut self, kind: &str, event: &Value) {
        let connection = self.connection;
        let known = |conversation: &Value| {
            let known = self.client.conversations.get(conversation.as_str().unwrap());
            known.map_or(-1, |known| known.rev)
        };
        let mut entries = vec![];
        match kind {
            "new_message" | "message_updated" | "message_sent" => {
                let is_news = event["prev_rev"] == known(&event["conversation_id"]);
                let message = Seen::of(&event["message"]);
                entries.push(Entry::Push { connection, message, is_news });
            }
            "message_deleted" => {
                let id = event["message_id"].as_str().unwrap().to_owned();
                entries.push(Entry::Gone { connection, id });
            }
            "sync" => {
                let known = known(&event["conversation_id"]);
                for message in event["messages"].as_array().unwrap() {
                    entries.push(if message["is_deleted"] == true {
                        let id = message["id"].as_str().unwrap().to_owned();
                        Entry::Gone { connection, id }
                    } else {
                        let is_news = message["rev"].as_i64() > Some(known);
                        Entry::Page { connection, message: Seen::of(message), is_news }
                    });
                }
            }
            _ => {}
        }
        for entry in entries {
            self.journal.write(&entry);
        }
    }

    fn acknowledged(&mut self, event: &Value) {
        let Some(at) = self.open.iter().position(|open| event["client_id"] == open.client_id)
        else {
            return;
        };
        let open = self.open.remove(at).unwrap();
        self.fleet.open.fetch_sub(1, Ordering::SeqCst);
        let message = Seen::of(&event["message"]);
        self.own.lock().unwrap().push((message.id.clone(), message.text.clone()));
        self.journal.write(&Entry::Ack { client_id: open.client_id, message });
    }

    fn refused(&mut self, error: &Value) {
        let Some(at) = self.open.iter().position(|open| error["client_id"] == open.client_id)
        else {
            // Catching up, a mark or a reaction could not be done now.
            self.lacks |= std::mem::take(&mut self.is_catching_up);
            return;
        };
        let is_final = error["retry_after"].is_null();
        self.journal.write(&Entry::Refused {
            client_id: self.open[at].client_id.clone(),
            code: error["code"].as_str().unwrap().to_owned(),
            is_final,
        });
        if is_final {
            self.open.remove(at);
            self.fleet.open.fetch_sub(1, Ordering::SeqCst);
        } else {
            self.open[at].due = Instant::now() + PAUSE;
        }
    }
}

/// `false` when the connection is gone, or takes nothing.
async fn send(socket: &mut Socket, frame: Value) -> bool {
    timeout(SILENCE, socket.try_send(frame)).await.unwrap_or(false)
}

fn brief(event: &Value) -> Value {
    json!({
        "type": event["type"],
        "conversation_id": event["conversation_id"],
        "rev": event["rev"],
        "prev_rev": event["prev_rev"],
    })
}
