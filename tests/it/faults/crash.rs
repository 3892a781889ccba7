//! The server is killed in the middle of its work, again and again: whatever it has acknowledged is
//! still there afterwards, once and in order.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Message;

use super::ledger::Ledger;
use crate::{
    helpers::{Person, Program, Site, Socket, TestDatabase},
    with_both_databases,
};

const ROUNDS: usize = 20;

/// Messages each sender keeps in flight.
const WINDOW: usize = 8;

/// Counts acknowledgements of all senders up to the moment of the kill.
struct Fuse {
    burnt: AtomicUsize,
    length: usize,
    blown: Notify,
}

impl Fuse {
    fn of(length: usize) -> Self {
        Self { burnt: AtomicUsize::new(0), length, blown: Notify::new() }
    }

    fn burn(&self) {
        if self.burnt.fetch_add(1, Ordering::Relaxed) + 1 == self.length {
            self.blown.notify_one();
        }
    }
}

/// Sends for as long as the server lives, and notes what it acknowledges.
async fn send_until_the_end(
    mut socket: Socket,
    sender: &Person,
    recipient: &Person,
    counter: &AtomicI64,
    fuse: &Fuse,
) -> Ledger {
    let mut ledger = Ledger::default();
    let mut in_flight = 0;
    loop {
        while in_flight < WINDOW {
            let text = format!("{} {}", sender.username, counter.fetch_add(1, Ordering::Relaxed));
            let frame = json!({"type": "message", "recipient_id": recipient.id, "text": text});
            if !socket.try_send(frame).await {
                break;
            }
            in_flight += 1;
        }
        let Some(Message::Text(event)) = socket.try_next().await else { return ledger };
        let event: Value = serde_json::from_str(&event).unwrap();
        assert_ne!(event["type"], "error", "{event}");
        if event["type"] == "message_sent" {
            ledger.acknowledged(&event["message"]);
            in_flight -= 1;
            fuse.burn();
        }
    }
}

/// Kills `program` so many times; the first damage found.
pub async fn crash(
    database: &TestDatabase,
    program: &Program,
    rounds: usize,
) -> Result<(), String> {
    // People are made by a sound server, whatever is tested afterwards.
    let server = Program::unlimited(database).serve().await;
    let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
    server.stop().await;

    let mut ledger = Ledger::default();
    let counters = [AtomicI64::new(1), AtomicI64::new(1)];
    for round in 0..rounds {
        let server = program.serve().await;
        check(&ledger, &server, &nadia, &omar).await?;
        let site = Site::clone(&server);
        // Both are connected before the first acknowledgement can blow the fuse.
        let nadias = nadia.at(&site).connect_v2().await;
        let omars = omar.at(&site).connect_v2().await;
        // From the first acknowledgement to deep in the stream.
        let fuse = Fuse::of(1 + round * 37 % 150);
        let killing = async {
            fuse.blown.notified().await;
            server.kill().await;
        };
        let (one, other, ()) = tokio::join!(
            send_until_the_end(nadias, &nadia, &omar, &counters[0], &fuse),
            send_until_the_end(omars, &omar, &nadia, &counters[1], &fuse),
            killing,
        );
        ledger.extend(one);
        ledger.extend(other);
    }
    let server = program.serve().await;
    check(&ledger, &server, &nadia, &omar).await?;
    server.kill().await;
    assert!(ledger.len() > rounds * 20, "too few messages to mean anything: {}", ledger.len());
    Ok(())
}

async fn check(ledger: &Ledger, site: &Site, one: &Person, other: &Person) -> Result<(), String> {
    ledger.check(&one.at(site).whole_history_with(other).await)
}

with_both_databases! {
    async fn nothing_acknowledged_is_lost_when_the_server_is_killed(database) {
        assert_eq!(crash(database, &Program::unlimited(database), ROUNDS).await, Ok(()));
    }
}
