//! One client of the fleet: it sends, listens, comes back when its connection ends and repeats what
//! has not been answered, as `docs/protocol.md` tells clients to.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use fastrand::Rng;
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use super::{
    fleet::{Fleet, Owner, Phase},
    journal::{Entry, Journal},
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
pub(super) const PAUSE: Duration = Duration::from_millis(300);

/// A message that has not been answered.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) client_id: String,
    conversation: String,
    text: String,
    /// When to send it again.
    pub(super) due: Instant,
}

#[derive(Debug)]
pub struct Device {
    pub name: String,
    pub client: Client,
    person: Person,
    conversations: Vec<String>,
    sites: Vec<Site>,
    pub(super) journal: Journal,
    dice: Rng,
    pub(super) fleet: Arc<Fleet>,
    /// Acknowledged messages of its person, which may be edited and deleted.
    pub(super) own: Arc<Mutex<Vec<(String, String)>>>,
    pub(super) open: VecDeque<Open>,
    sent: u32,
    pub(super) connection: u32,
    pub(super) is_catching_up: bool,
    pub(super) lacks: bool,
    /// On this connection something was refused while it was catching up, maybe the catching up itself:
    /// which answer ends it cannot be told any more.
    pub(super) is_unsure: bool,
}

impl Device {
    pub fn of(
        owner: &Owner,
        name: String,
        sites: Vec<Site>,
        folder: &Path,
        dice: Rng,
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
            is_unsure: false,
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
        self.is_unsure = false;
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
            let conversation = self.dice.choice(&self.conversations).unwrap().clone();
            self.open.push_back(Open { client_id, conversation, text, due: now });
            self.fleet.open.fetch_add(1, Ordering::SeqCst);
            if !self.transmit(socket, self.open.len() - 1).await {
                return false;
            }
        }
        if self.dice.usize(..12) == 0 {
            let conversation = self.dice.choice(&self.conversations).unwrap().clone();
            return send(socket, json!({"type": "mark_read", "conversation_id": conversation}))
                .await;
        }
        if self.dice.usize(..20) == 0 {
            let conversation = self.dice.choice(&self.conversations).unwrap().clone();
            let known = self.client.conversations.get(&conversation);
            let ids: Vec<_> = known.iter().flat_map(|known| known.messages.keys()).collect();
            if !ids.is_empty() {
                let reaction = *self.dice.choice(&["👍", "🎉", "wow"]).unwrap();
                let id = *self.dice.choice(&ids).unwrap();
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
}

/// `false` when the connection is gone, or takes nothing.
async fn send(socket: &mut Socket, frame: Value) -> bool {
    timeout(SILENCE, socket.try_send(frame)).await.unwrap_or(false)
}
