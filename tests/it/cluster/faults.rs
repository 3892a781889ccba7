//! Redis loses, repeats, reorders, dies, stops and forgets: connected clients are complete again soon
//! after, without doing anything, whatever events they know.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, timeout};

use super::{messages, nadia_and_omar, seqs};
use crate::helpers::{BusProxy, Cluster, Meddling, Person, RedisServer, Socket, shared_redis};

/// Clients are complete so soon after a fault has ended.
const REPAIR: Duration = Duration::from_secs(10);

/// What somebody who knows no numbers has on his screen.
#[derive(Debug, Default)]
struct OldPage {
    /// Ids and texts in the order they appeared.
    messages: Vec<(Value, Value)>,
}

impl OldPage {
    fn show(&mut self, event: &Value) {
        match event["type"].as_str().unwrap() {
            "message" => {
                let message = &event["message"];
                self.messages.push((message["id"].clone(), message["content"].clone()));
            }
            "message_updated" => {
                let message = &event["message"];
                for (id, text) in &mut self.messages {
                    if *id == message["id"] {
                        *text = message["content"].clone();
                    }
                }
            }
            "message_deleted" => self.messages.retain(|(id, _)| *id != event["message_id"]),
            _ => {}
        }
    }

    fn texts(&self) -> Vec<&str> {
        self.messages.iter().map(|(_, text)| text.as_str().unwrap()).collect()
    }
}

/// Writes, edits and deletes as `nadia`; `omar` on the other server must see it on all his pages.
async fn is_repaired(cluster: &Cluster, begin: impl AsyncFnOnce(), end: impl AsyncFnOnce()) {
    let (nadia, omar) = nadia_and_omar(cluster).await;
    let conversation = nadia.conversation_with(&omar).await;
    let mut nadias = nadia.connect_v2().await;
    let mut old = omar.connect().await;
    let mut new = omar.connect_v2().await;
    let before = nadias.say(omar.id, "before").await;
    old.receive_type("message").await;
    new.receive_type("new_message").await;

    begin().await;
    let mut sent = vec![];
    for number in 0..5 {
        // The writing server goes on as if nothing were wrong.
        sent.push(nadias.say(omar.id, &format!("{number}")).await);
    }
    edit(&nadia, &sent[0], "0, edited").await;
    edit(&nadia, &before, "before, edited").await;
    delete(&nadia, &sent[1]).await;
    end().await;
    let ended = Instant::now();
    let last = nadia.write(&conversation, "after").await;

    let mut page = OldPage::default();
    page.messages.push((before["message"]["id"].clone(), json!("before")));
    let mut heard = HashSet::new();
    let expected = ["before, edited", "0, edited", "2", "3", "4", "after"];
    while page.texts() != expected {
        let left = (ended + REPAIR).saturating_duration_since(Instant::now());
        let event = timeout(left, old.receive()).await.unwrap_or_else(|_| panic!("{page:?}"));
        if event["type"] == "message" {
            assert!(heard.insert(event["message"]["id"].to_string()), "told twice: {event}");
        }
        page.show(&event);
    }
    let mut rev = before["rev"].as_i64().unwrap();
    while rev < last["rev"].as_i64().unwrap() {
        let left = (ended + REPAIR).saturating_duration_since(Instant::now());
        let event = timeout(left, new.receive()).await.expect("in time");
        if let Some(next) = event["rev"].as_i64()
            && next > rev
        {
            assert_eq!(event["prev_rev"], rev, "a hole: {event}");
            rev = next;
        }
    }
    assert_eq!(omar.unread().await, 6);
    // And it goes on as before, both ways.
    nadias.drain().await;
    let answer = old_say(&mut old, nadia.id).await;
    assert_eq!(nadias.receive_type("new_message").await["message"]["id"], answer["message"]["id"]);
}

async fn old_say(socket: &mut Socket, to: i64) -> Value {
    socket.say(to, "and on").await
}

async fn edit(by: &Person, message: &Value, text: &str) {
    by.request(Method::PUT, &path(message), Some(json!({"content": text}))).await.ok();
}

async fn delete(by: &Person, message: &Value) {
    assert_eq!(by.request(Method::DELETE, &path(message), None).await.status, 204);
}

fn path(event: &Value) -> String {
    format!("/api/messaging/messages/{}/", event["message"]["id"].as_str().unwrap())
}

/// A cluster with a proxy before a Redis of its own.
async fn behind_a_proxy() -> Option<(Cluster, BusProxy, RedisServer)> {
    shared_redis()?;
    let redis = RedisServer::start().await;
    let proxy = BusProxy::before(redis.port).await;
    let cluster = Cluster::start_on(&proxy.url(), |_| {}).await?;
    Some((cluster, proxy, redis))
}

#[tokio::test]
async fn messages_that_are_lost_are_found() {
    let Some((cluster, proxy, _redis)) = behind_a_proxy().await else { return };
    for meddling in [Meddling::DropAll, Meddling::DropSome] {
        proxy.meddle(meddling);
        is_repaired_meanwhile(&cluster, meddling).await;
    }
    assert!(proxy.meddled() > 0);
    cluster.stop().await;
}

/// The fault goes on: the comparison with the database alone repairs.
async fn is_repaired_meanwhile(cluster: &Cluster, meddling: Meddling) {
    let nadia = cluster.one.person(&format!("nadia-{meddling:?}")).await;
    let omar = cluster.other.person(&format!("omar-{meddling:?}")).await;
    let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
    for number in 0..7 {
        // Through REST: what her socket hears is looked at below.
        let conversation = nadia.conversation_with(&omar).await;
        nadia.write(&conversation, &format!("{number}")).await;
    }

    let heard = timeout(REPAIR, messages(&mut omars, 7)).await.unwrap();

    assert_eq!(seqs(&heard), (1..=7).collect::<Vec<_>>());
    // The receipts come back too.
    let mut delivered = HashSet::new();
    while delivered.len() < 7 {
        let event = timeout(REPAIR, nadias.receive_type("message_delivered")).await.unwrap();
        assert!(delivered.insert(event["message_id"].to_string()), "told twice: {event}");
    }
    omars.send(json!({"type": "mark_read", "message_id": heard[6]["message"]["id"]})).await;
    let read = timeout(REPAIR, nadias.receive_type("message_read")).await.unwrap();
    assert_eq!(read["message_ids"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn messages_that_come_again_or_in_another_order_change_nothing() {
    let Some((cluster, proxy, _redis)) = behind_a_proxy().await else { return };
    for meddling in [Meddling::Repeat, Meddling::Reorder] {
        let nadia = cluster.one.person(&format!("nadia-{meddling:?}")).await;
        let omar = cluster.other.person(&format!("omar-{meddling:?}")).await;
        let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
        let mut bells = omar.connect_notifications().await;
        bells.expect("unread_count").await;
        proxy.meddle(meddling);
        for number in 0..20 {
            nadias.say(omar.id, &format!("{number}")).await;
        }

        let heard = timeout(REPAIR, messages(&mut omars, 20)).await.unwrap();
        let mut rung = HashSet::new();
        while rung.len() < 20 {
            let event = bells.receive_type("new_notification").await;
            assert!(rung.insert(event["notification"]["id"].to_string()), "rung twice: {event}");
        }

        assert_eq!(seqs(&heard), (1..=20).collect::<Vec<_>>());
        proxy.meddle(Meddling::None);
        assert!(messages_in(&omars.drain().await).is_empty());
    }
    assert!(proxy.meddled() > 0);
    cluster.stop().await;
}

fn messages_in(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["type"] == "new_message").collect()
}

#[tokio::test]
async fn a_redis_that_is_killed_is_missed_by_nobody() {
    if shared_redis().is_none() {
        return;
    }
    let redis = RedisServer::start().await;
    let Some(cluster) = Cluster::start_on(&redis.url(), |_| {}).await else { return };

    let nodes = (&cluster.one, &cluster.other);
    let redis = tokio::sync::Mutex::new(redis);
    is_repaired(
        &cluster,
        async || {
            redis.lock().await.kill().await;
            nodes.0.misses_the_others().await;
            nodes.1.misses_the_others().await;
        },
        async || redis.lock().await.start_again().await,
    )
    .await;
    cluster.stop().await;
}

#[tokio::test]
async fn while_redis_is_gone_messages_go_on() {
    if shared_redis().is_none() {
        return;
    }
    let mut redis = RedisServer::start().await;
    let Some(cluster) = Cluster::start_on(&redis.url(), |_| {}).await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
    let mut omar_here = omar.at(&cluster.one).connect_v2().await;
    redis.kill().await;
    cluster.one.misses_the_others().await;

    let sent = nadias.say(omar.id, "without Redis").await;

    // On the same server at once, on the other one by the comparison.
    let heard = omar_here.expect("new_message").await;
    assert_eq!(heard["message"]["id"], sent["message"]["id"]);
    let heard = timeout(REPAIR, omars.expect("new_message")).await.unwrap();
    assert_eq!(heard["message"]["id"], sent["message"]["id"]);
    let ready = cluster.one.get("/health/ready").await.ok();
    assert_eq!((&ready["status"], &ready["degraded"]), (&json!("ok"), &json!(["redis"])));
    // Somebody may connect meanwhile.
    let mut late = nadia.at(&cluster.other).connect_v2().await;
    late.say(omar.id, "me too").await;
    assert_eq!(omars.receive_type("new_message").await["message"]["text"], "me too");
    redis.start_again().await;
    cluster.one.hears_of_others().await;
    cluster.stop().await;
}

#[tokio::test]
async fn a_redis_that_stops_and_goes_on_is_missed_by_nobody() {
    if shared_redis().is_none() {
        return;
    }
    let redis = RedisServer::start().await;
    let Some(cluster) = Cluster::start_on(&redis.url(), |_| {}).await else { return };

    let nodes = (&cluster.one, &cluster.other);
    is_repaired(
        &cluster,
        async || {
            redis.pause().await;
            nodes.0.misses_the_others().await;
            nodes.1.misses_the_others().await;
        },
        async || redis.go_on().await,
    )
    .await;
    cluster.stop().await;
}

#[tokio::test]
async fn a_redis_that_forgets_everything_is_missed_by_nobody() {
    if shared_redis().is_none() {
        return;
    }
    let redis = RedisServer::start().await;
    let Some(cluster) = Cluster::start_on(&redis.url(), |_| {}).await else { return };

    is_repaired(
        &cluster,
        async || {
            redis.cli(&["flushall"]).await;
        },
        async || {
            redis.cli(&["flushall"]).await;
        },
    )
    .await;
    cluster.stop().await;
}

#[tokio::test]
async fn connections_that_are_cut_are_made_again() {
    let Some((cluster, proxy, _redis)) = behind_a_proxy().await else { return };

    let nodes = (&cluster.one, &cluster.other);
    is_repaired(
        &cluster,
        async || {
            proxy.shut();
            nodes.0.misses_the_others().await;
            nodes.1.misses_the_others().await;
        },
        async || proxy.open(),
    )
    .await;
    cluster.stop().await;
}

/// Too much was missed to be told one by one: then clients have to load it.
#[tokio::test]
async fn whoever_has_missed_too_much_is_sent_away_to_load_it() {
    let Some((cluster, proxy, _redis)) = behind_a_proxy().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let conversation = nadia.conversation_with(&omar).await;
    let mut omars = omar.connect_v2().await;
    proxy.meddle(Meddling::DropAll);

    // Behind the servers' backs, as if they had not been able to look for long.
    cluster
        .database
        .execute(&format!(
            "WITH taken AS (UPDATE conversations SET last_seq = 1500, rev = 1500 \
             WHERE id = '{conversation}' RETURNING id) \
             INSERT INTO messages (id, conversation_id, seq, rev, sender_id, recipient_id, content, \
             created_at) SELECT gen_random_uuid(), taken.id, n, n, {}, {}, 'x', now() \
             FROM taken, generate_series(1, 1500) AS n",
            nadia.id, omar.id
        ))
        .await;

    assert_eq!(timeout(REPAIR, omars.close_code()).await.unwrap(), 1013);
    let mut again = omar.connect_v2().await;
    assert_eq!(omar.history_with(&nadia).await.len(), 100);
    let sent = nadia.write(&conversation, "and on").await;
    let heard = timeout(REPAIR, again.receive_type("new_message")).await.unwrap();
    assert_eq!((&heard["message"]["id"], &heard["prev_rev"]), (&sent["id"], &json!(1500)));
    cluster.stop().await;
}
