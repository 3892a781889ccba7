//! Two servers behind nginx, restarted one after the other while everybody talks: nobody loses a
//! message, and nobody sees an error that his client does not get over by itself.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use tokio_tungstenite::tungstenite::Message;

use crate::helpers::{
    Nginx, PATIENCE, Person, Program, ServerProcess, Site, Socket, TestDatabase, free_address,
    nginx_program, shared_redis,
};

const PAIRS: usize = 6;

/// Further connections of everybody that only listen.
const LISTENERS: usize = 4;

/// Messages each of them has acknowledged before the next step.
const STEP: usize = 25;

/// Messages each of them keeps in flight.
const WINDOW: usize = 4;

/// What all clients share.
#[derive(Debug, Default)]
struct Stage {
    /// Clients that have had enough acknowledgements since the last step.
    warm: AtomicUsize,
    everybody_warm: Notify,
    step: AtomicUsize,
    over: AtomicBool,
}

impl Stage {
    /// Waits until everybody has sent some more.
    async fn next_step(&self) {
        self.everybody_warm.notified().await;
        self.warm.store(0, Ordering::SeqCst);
        self.step.fetch_add(1, Ordering::SeqCst);
    }
}

/// What one client went through.
#[derive(Debug, Default)]
struct Journal {
    /// Acknowledged messages: client id and `seq`.
    acknowledged: BTreeMap<String, u64>,
    hints: Vec<u64>,
}

impl Journal {
    /// Takes a hint to reconnect, if it is one.
    fn take_hint(&mut self, event: &Value) {
        if event["type"] == "reconnect" {
            self.hints.push(event["after_ms"].as_u64().unwrap());
        }
    }
}

/// A connection that is closed is closed because of the restart.
fn sent_away(end: Option<Message>) {
    if let Some(Message::Close(Some(frame))) = end {
        assert_eq!(u16::from(frame.code), 1012);
    }
}

/// Opens a socket, as often as it takes.
async fn connect(site: &Site, person: &Person) -> Socket {
    let url = site.ws_url(&format!("/ws/chat/?v=2&token={}", person.access));
    let deadline = Instant::now() + 3 * PATIENCE;
    loop {
        if let Ok(socket) = Socket::open(url.as_str()).await {
            return socket;
        }
        assert!(Instant::now() < deadline, "no way to connect");
        tokio::task::yield_now().await;
    }
}

/// Sends until the stage is over; what is not acknowledged is sent again on the next connection.
async fn talk(site: &Site, me: &Person, other: &Person, stage: &Stage) -> Journal {
    let mut journal = Journal::default();
    let (mut next, mut steps, mut at_step) = (0, 0, 0);
    let mut unacknowledged: VecDeque<String> = VecDeque::new();
    loop {
        let mut socket = connect(site, me).await;
        // The same ids, in the same order: what was stored already is answered as a duplicate.
        let mut is_open = true;
        for client_id in &unacknowledged {
            is_open = is_open && socket.try_send(message(other, client_id)).await;
        }
        while is_open {
            let over = stage.over.load(Ordering::SeqCst);
            if over && unacknowledged.is_empty() {
                return journal;
            }
            while !over && unacknowledged.len() < WINDOW {
                let client_id = format!("{}-{next}", me.username);
                next += 1;
                is_open = is_open && socket.try_send(message(other, &client_id)).await;
                unacknowledged.push_back(client_id);
            }
            let event = match socket.try_next().await {
                Some(Message::Text(event)) => serde_json::from_str::<Value>(&event).unwrap(),
                end => {
                    sent_away(end);
                    break;
                }
            };
            journal.take_hint(&event);
            match event["type"].as_str().unwrap() {
                "message_sent" => {
                    let client_id = event["client_id"].as_str().unwrap();
                    let seq = event["message"]["seq"].as_u64().unwrap();
                    journal.acknowledged.insert(client_id.to_owned(), seq);
                    unacknowledged.retain(|waiting| waiting != client_id);
                }
                // Sent again after the reconnect that follows.
                "error" => {
                    assert_eq!(event["code"], "restarting", "{event}");
                    assert!(event["retry_after"].as_u64() >= Some(1), "{event}");
                }
                _ => {}
            }
            let step = stage.step.load(Ordering::SeqCst);
            if steps == step && journal.acknowledged.len() >= at_step + STEP {
                (steps, at_step) = (step + 1, journal.acknowledged.len());
                if stage.warm.fetch_add(1, Ordering::SeqCst) + 1 == 2 * PAIRS {
                    stage.everybody_warm.notify_one();
                }
            } else if steps <= step {
                steps = step;
            }
        }
    }
}

/// Hears until the other side is done, and comes back whenever it is sent away.
async fn listen(site: &Site, person: &Person, mut over: watch::Receiver<bool>) -> Journal {
    let mut journal = Journal::default();
    loop {
        let mut socket = connect(site, person).await;
        loop {
            let message = tokio::select! {
                message = socket.try_next() => message,
                over = over.wait_for(|over| *over) => {
                    drop(over.unwrap());
                    return journal;
                }
            };
            match message {
                Some(Message::Text(event)) => {
                    journal.take_hint(&serde_json::from_str(&event).unwrap());
                }
                end => {
                    sent_away(end);
                    break;
                }
            }
        }
    }
}

fn message(recipient: &Person, client_id: &str) -> Value {
    json!({
        "type": "message", "recipient_id": recipient.id, "text": client_id, "client_id": client_id,
    })
}

async fn start(program: &Program) -> ServerProcess {
    let server = program.serve().await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let ready = server.get("/health/ready").await;
        if ready.status == 200 && ready.body["degraded"] == json!([]) {
            return server;
        }
        assert!(Instant::now() < deadline, "{ready:?}");
        tokio::task::yield_now().await;
    }
}

async fn restart(server: ServerProcess, program: &Program) -> ServerProcess {
    server.terminate().await;
    let (status, log) = server.ended().await;
    assert!(status.success(), "{status}:\n{log}");
    start(program).await
}

/// Most of them within one second.
fn busiest_second(mut hints: Vec<u64>) -> usize {
    hints.sort_unstable();
    let within = |(place, start): (usize, &u64)| {
        hints[place..].iter().take_while(|hint| **hint < start + 1000).count()
    };
    hints.iter().enumerate().map(within).max().unwrap_or(0)
}

#[tokio::test]
async fn two_servers_behind_nginx_are_restarted_and_nobody_notices() {
    let (Some(nginx), Some(redis)) = (nginx_program(), shared_redis()) else { return };
    let Some(database) = TestDatabase::postgres().await else { return };
    let prefix = format!("test-{}:", uuid::Uuid::new_v4().simple());
    let program = |address: SocketAddr| {
        Program::unlimited(&database)
            .with("VIKRAHUB__SERVER__PORT", &address.port().to_string())
            .with("VIKRAHUB__SERVER__TRUSTED_PROXIES", "127.0.0.1")
            .with("REDIS_URL", &redis)
            .with("VIKRAHUB__REDIS__CHANNEL_PREFIX", &prefix)
    };
    let addresses = [free_address(), free_address()];
    let programs = addresses.map(program);
    roll(nginx, addresses, &programs).await;
    database.drop_it().await;
}

async fn roll(nginx: &Path, addresses: [SocketAddr; 2], programs: &[Program; 2]) {
    let mut servers = vec![start(&programs[0]).await, start(&programs[1]).await];
    let front = Nginx::start(nginx, addresses).await;
    let site = &front.site;
    let mut people = vec![];
    for place in 0..2 * PAIRS {
        people.push(site.person(&format!("person-{place}")).await);
    }
    let stage = Stage::default();
    let (end, over) = watch::channel(false);

    let talking = async {
        let talking = (0..people.len()).map(|me| talk(site, &people[me], &people[me ^ 1], &stage));
        let journals = join_all(talking).await;
        end.send(true).unwrap();
        journals
    };
    let listening = join_all(
        (0..LISTENERS * people.len()).map(|n| listen(site, &people[n / LISTENERS], over.clone())),
    );
    let operating = async {
        for program in programs {
            stage.next_step().await;
            let server = servers.remove(0);
            servers.push(restart(server, program).await);
        }
        stage.next_step().await;
        stage.over.store(true, Ordering::SeqCst);
    };
    let (journals, listeners, ()) = tokio::join!(talking, listening, operating);

    for pair in 0..PAIRS {
        let (one, other) = (&people[2 * pair], &people[2 * pair + 1]);
        let history = one.whole_history_with(other).await;
        let stored: BTreeMap<_, _> = history
            .iter()
            .map(|message| {
                let (client_id, seq) = (&message["client_id"], &message["seq"]);
                (client_id.as_str().unwrap().to_owned(), seq.as_u64().unwrap())
            })
            .collect();
        // Once each, without holes, and everything that was tried was acknowledged in the end.
        assert_eq!(stored.len(), history.len(), "a message was stored twice");
        let mut seqs: Vec<_> = stored.values().copied().collect();
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=history.len() as u64).collect::<Vec<_>>());
        let mut acknowledged = journals[2 * pair].acknowledged.clone();
        acknowledged.extend(journals[2 * pair + 1].acknowledged.clone());
        assert_eq!(acknowledged, stored);
        // What one connection sends keeps its order, also over reconnects.
        for me in [one, other] {
            let name = format!("{}-", me.username);
            let numbers = history.iter().filter_map(|message| {
                message["client_id"].as_str()?.strip_prefix(&name)?.parse::<usize>().ok()
            });
            assert!(numbers.is_sorted());
        }
    }
    let everybody = || journals.iter().chain(&listeners);
    let hints: Vec<_> = everybody().flat_map(|journal| journal.hints.clone()).collect();
    // Both servers had clients. Each was told when to come back, unless he came while a server was about
    // to go.
    assert!(hints.len() >= people.len() * (LISTENERS + 1), "{}", hints.len());
    assert!(hints.iter().all(|hint| *hint < 10_000));
    let busiest = busiest_second(hints.clone());
    assert!(busiest * 4 <= hints.len(), "{busiest} of {} come back at once", hints.len());
    for server in servers {
        server.stop().await;
    }
}
