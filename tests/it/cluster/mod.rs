//! Several servers of one database, which hear of each other by Redis.

mod contract;
mod delivery;
mod faults;
mod forged;
mod limits;
mod paused;
mod presence;
mod start;

use std::collections::HashSet;

use serde_json::Value;

use crate::helpers::{Cluster, Person, Socket};

/// Two people who share a conversation, on different servers.
async fn nadia_and_omar(cluster: &Cluster) -> (Person, Person) {
    let nadia = cluster.one.person("nadia").await;
    let omar = cluster.other.person("omar").await;
    nadia.conversation_with(&omar).await;
    (nadia, omar)
}

/// The next messages, one's own among them: each once.
async fn messages(socket: &mut Socket, count: usize) -> Vec<Value> {
    let mut heard = vec![];
    while heard.len() < count {
        let event = socket.receive().await;
        if event["type"] == "new_message" || event["type"] == "message_sent" {
            heard.push(event);
        }
    }
    let ids: HashSet<_> = heard.iter().map(|event| event["message"]["id"].to_string()).collect();
    assert_eq!(ids.len(), count, "told twice");
    heard
}

/// The sequence numbers of events.
fn seqs(events: &[Value]) -> Vec<u64> {
    events.iter().map(|event| event["message"]["seq"].as_u64().unwrap()).collect()
}
