//! People who repeat what they say until they are told that it is stored, whatever breaks meanwhile;
//! and somebody who only listens.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::{sync::watch, time::timeout};
use tokio_tungstenite::tungstenite::Message;

use super::ledger::Ledger;
use crate::{
    helpers::{Person, Socket},
    sync::client::Client,
};

/// Nobody waits longer for an answer; what is beyond 5 s is the machine's own slowness.
pub const ANSWER_WITHIN: Duration = Duration::from_millis(5_500);

/// Work goes on so soon after a fault has ended.
pub const RECOVERY: Duration = Duration::from_secs(10);

/// Longest wait for anything else.
const PATIENCE: Duration = Duration::from_mins(1);

/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// Connections of each of the two.
const CONNECTIONS: usize = 2;

/// What is counted while they talk.
#[derive(Debug)]
pub struct Tally {
    acknowledged: watch::Sender<usize>,
    refused: watch::Sender<usize>,
    is_over: watch::Sender<bool>,
    /// Nothing is repeated any more.
    is_cut: watch::Sender<bool>,
    /// The codes of refusals, with the number of each.
    codes: Mutex<Vec<String>>,
    slowest: Mutex<Duration>,
}

impl Tally {
    pub fn new() -> Self {
        Self {
            acknowledged: watch::channel(0).0,
            refused: watch::channel(0).0,
            is_over: watch::channel(false).0,
            is_cut: watch::channel(false).0,
            codes: Mutex::default(),
            slowest: Mutex::default(),
        }
    }

    /// Waits for so many more acknowledgements.
    pub async fn more_acknowledged(&self, more: usize, within: Duration) {
        let reached = timeout(within, more_of(&self.acknowledged, more)).await;
        assert!(reached.is_ok(), "no acknowledgement in {within:?}: {:?}", self.codes());
    }

    /// Waits for so many more refusals.
    pub async fn more_refused(&self, more: usize) {
        let reached = timeout(PATIENCE, more_of(&self.refused, more)).await;
        assert!(reached.is_ok(), "nothing is refused");
    }

    pub fn end(&self) {
        self.is_over.send_replace(true);
    }

    /// Ends it at once: nobody comes back whose connection ends.
    pub fn cut(&self) {
        self.end();
        self.is_cut.send_replace(true);
    }

    /// Every code that was given as a reason.
    pub fn codes(&self) -> Vec<String> {
        self.codes.lock().unwrap().clone()
    }

    pub fn slowest(&self) -> Duration {
        *self.slowest.lock().unwrap()
    }

    fn is_over(&self) -> bool {
        *self.is_over.borrow()
    }

    fn took(&self, since: Instant) {
        let mut slowest = self.slowest.lock().unwrap();
        *slowest = slowest.max(since.elapsed());
    }

    fn refused(&self, error: &Value) {
        let code = error["code"].as_str().unwrap();
        assert!(error["retry_after"].is_u64(), "not to be repeated: {error}");
        let mut codes = self.codes.lock().unwrap();
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
        drop(codes);
        self.refused.send_modify(|count| *count += 1);
    }
}

async fn more_of(counted: &watch::Sender<usize>, more: usize) {
    let mut watched = counted.subscribe();
    let target = *watched.borrow() + more;
    drop(watched.wait_for(|count| *count >= target).await.map(|_| ()));
}

/// Two people talk until the tally is ended. Their promises.
pub async fn talk(one: &Person, other: &Person, tally: &Tally) -> Ledger {
    let speakers = (0..2 * CONNECTIONS).map(|place| {
        let (me, to) = if place % 2 == 0 { (one, other) } else { (other, one) };
        speak(me, to, format!("{}-{place}", me.username), tally)
    });
    let mut ledger = Ledger::default();
    for spoken in join_all(speakers).await {
        ledger.extend(spoken);
    }
    ledger
}

async fn speak(me: &Person, to: &Person, name: String, tally: &Tally) -> Ledger {
    let mut ledger = Ledger::default();
    let mut socket = connect(me).await;
    for number in 1.. {
        if tally.is_over() {
            break;
        }
        let client_id = format!("{name}-{number}");
        let frame = json!({
            "type": "message",
            "recipient_id": to.id,
            "text": format!("{name} {number}"),
            "client_id": client_id,
        });
        loop {
            let asked = Instant::now();
            let is_sent = socket.try_send(frame.clone()).await;
            let answer = if is_sent { answer_to(&client_id, &mut socket).await } else { None };
            match answer {
                Some(event) if event["type"] == "message_sent" => {
                    tally.took(asked);
                    ledger.acknowledged(&event["message"]);
                    tally.acknowledged.send_modify(|count| *count += 1);
                    break;
                }
                Some(event) => {
                    tally.took(asked);
                    tally.refused(&event);
                    // What is told meanwhile is for others.
                    drop(
                        timeout(PAUSE, async { while socket.try_next().await.is_some() {} }).await,
                    );
                }
                None if *tally.is_cut.borrow() => return ledger,
                None => socket = connect(me).await,
            }
        }
    }
    ledger
}

/// The answer to a send; `None` when the connection has ended.
async fn answer_to(client_id: &str, socket: &mut Socket) -> Option<Value> {
    loop {
        let Message::Text(event) = socket.try_next().await? else { return None };
        let event: Value = serde_json::from_str(&event).unwrap();
        let is_answer = event["type"] == "message_sent" || event["type"] == "error";
        if is_answer && event["client_id"] == client_id {
            return Some(event);
        }
    }
}

/// Tries until the server lets one in.
pub async fn connect(person: &Person) -> Socket {
    let trying = async {
        loop {
            if let Some(socket) = person.try_connect_v2().await {
                return socket;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, trying).await.expect("the server lets nobody in")
}

/// Connects and catches up, however often it takes.
async fn come_back(person: &Person, client: &mut Client) -> Socket {
    let trying = async {
        loop {
            let mut socket = connect(person).await;
            if client.try_resume(&mut socket).await {
                return socket;
            }
        }
    };
    timeout(PATIENCE, trying).await.expect("the server lets nobody catch up")
}

/// Listens, and comes back when the connection ends, until everything up to `last_rev` of the
/// conversation is known.
pub async fn listen(
    person: &Person,
    conversation: &str,
    mut last_rev: watch::Receiver<Option<i64>>,
) -> Client {
    let mut client = Client::of(person);
    let mut socket = come_back(person, &mut client).await;
    loop {
        let known = client.conversations.get(conversation).map_or(0, |known| known.rev);
        if last_rev.borrow().is_some_and(|last| known >= last) {
            return client;
        }
        let heard = tokio::select! {
            heard = timeout(PATIENCE, socket.quiet_next()) => heard.expect("complete in time"),
            Ok(()) = last_rev.changed() => continue,
        };
        let is_well = match heard {
            Some(Message::Text(event)) => {
                let lacks = client.apply(&serde_json::from_str(&event).unwrap());
                lacks.is_none() || client.try_resume(&mut socket).await
            }
            Some(_) => true,
            None => false,
        };
        if !is_well {
            socket = come_back(person, &mut client).await;
        }
    }
}
