//! What every bus does, whatever it is made of.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};
use uuid::Uuid;
use vikrahub_messaging::{
    cluster::{Bus, HEARD_MAX, Heard, LocalHub, News, RedisBus},
    config::{RedisConfig, RedisUrl},
    domain::{ConversationId, UserId},
};

use crate::helpers::{PATIENCE, RedisServer, cli, shared_redis};

const NADIA: UserId = UserId(1);
const OMAR: UserId = UserId(2);

/// One server's end of a bus.
struct End {
    bus: Arc<dyn Bus>,
    heard: mpsc::Receiver<Heard>,
}

impl End {
    /// The next thing heard that concerns people: news of who is where come at any time.
    async fn news(&mut self) -> (UserId, News) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let heard = timeout_at(deadline, self.heard.recv()).await.unwrap().unwrap();
            if let Heard::News { to, news } = heard {
                return (to, news);
            }
        }
    }

    /// Waits until somebody has come to another server (`true`) or gone from it.
    async fn moved(&mut self, user: UserId) -> bool {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match timeout_at(deadline, self.heard.recv()).await.unwrap().unwrap() {
                Heard::Came { user: who, .. } if who == user => return true,
                Heard::Went { user: who, .. } if who == user => return false,
                Heard::Leases(leases) if leases.iter().any(|lease| lease.users.contains(&user)) => {
                    return true;
                }
                Heard::News { .. }
                | Heard::Came { .. }
                | Heard::Went { .. }
                | Heard::Leases(_)
                | Heard::Deaf => {}
            }
        }
    }
}

fn changed(rev: i64) -> News {
    News::Changed { conversation: ConversationId(Uuid::from_u128(7)), rev, by: None }
}

async fn keeps_the_contract(mut one: End, mut other: End) {
    assert!(one.bus.reaches_others() && one.bus.is_well());

    // News reach those who listen, in their order, and nobody else.
    other.bus.expect(OMAR).await;
    one.bus.publish(NADIA, &changed(1));
    one.bus.publish(OMAR, &changed(2));
    one.bus.publish(OMAR, &News::Unread);
    assert_eq!(other.news().await, (OMAR, changed(2)));
    assert_eq!(other.news().await, (OMAR, News::Unread));

    // Nobody hears himself.
    one.bus.expect(OMAR).await;
    one.bus.publish(OMAR, &changed(3));
    other.bus.publish(OMAR, &changed(4));
    assert_eq!(one.news().await, (OMAR, changed(4)));
    assert_eq!(other.news().await, (OMAR, changed(3)));

    // Coming and going is told to everybody.
    one.bus.arrive(NADIA);
    assert!(other.moved(NADIA).await);
    one.bus.depart(NADIA);
    assert!(!other.moved(NADIA).await);

    // Whoever has gone is not listened for any more.
    other.bus.arrive(OMAR);
    assert!(one.moved(OMAR).await);
    other.bus.depart(OMAR);
    assert!(!one.moved(OMAR).await);
    other.bus.expect(NADIA).await;
    one.bus.publish(OMAR, &changed(5));
    one.bus.publish(NADIA, &changed(6));
    assert_eq!(other.news().await, (NADIA, changed(6)));
    one.bus.close().await;
    other.bus.close().await;
}

/// What comes too fast is not waited for, and the loss is known.
async fn says_that_something_was_missed(one: End, mut other: End) {
    other.bus.expect(OMAR).await;
    for rev in 0..4 * i64::try_from(HEARD_MAX).unwrap() {
        one.bus.publish(OMAR, &changed(rev));
    }
    // One more finds room again, and with it comes the word that others did not.
    let mut heard = 0;
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "{heard} heard, but not that something was missed");
        one.bus.publish(OMAR, &News::Unread);
        match timeout(Duration::from_millis(100), other.heard.recv()).await {
            Ok(Some(Heard::Deaf)) => return,
            Ok(Some(_)) => heard += 1,
            Ok(None) => panic!("the bus has ended"),
            Err(_elapsed) => {}
        }
    }
}

fn local() -> (End, End) {
    let hub = LocalHub::default();
    let end = || {
        let (say, heard) = mpsc::channel(HEARD_MAX);
        End { bus: Arc::new(hub.join(say)), heard }
    };
    (end(), end())
}

async fn end_on(url: &str, prefix: &str) -> End {
    let config = RedisConfig {
        url: RedisUrl::new(url),
        channel_prefix: prefix.to_owned(),
        timeout_seconds: 1,
        lease_seconds: 3,
        ..RedisConfig::default()
    };
    let (say, mut heard) = mpsc::channel(HEARD_MAX);
    let bus = Arc::new(RedisBus::start(&config, say).unwrap());
    until_well(&*bus).await;
    // The bus begins by saying that it has heard nothing so far.
    until_deaf(&mut heard).await;
    End { bus, heard }
}

/// It says that it has missed something; leases it hears of all the time.
async fn until_deaf(heard: &mut mpsc::Receiver<Heard>) {
    let deadline = Instant::now() + PATIENCE;
    while timeout_at(deadline, heard.recv()).await.unwrap().unwrap() != Heard::Deaf {}
}

async fn until_well(bus: &dyn Bus) {
    let deadline = Instant::now() + PATIENCE;
    while !bus.is_well() {
        assert!(Instant::now() < deadline, "the bus does not work");
        tokio::task::yield_now().await;
    }
}

async fn redis(url: &str) -> (End, End) {
    let prefix = format!("test-{}:", Uuid::new_v4().simple());
    (end_on(url, &prefix).await, end_on(url, &prefix).await)
}

#[tokio::test]
async fn local_keeps_the_contract() {
    let (one, other) = local();
    keeps_the_contract(one, other).await;
    let (one, other) = local();
    says_that_something_was_missed(one, other).await;
}

#[tokio::test]
async fn redis_keeps_the_contract() {
    let Some(url) = shared_redis() else { return };
    let (one, other) = redis(&url).await;
    keeps_the_contract(one, other).await;
}

#[tokio::test]
async fn redis_comes_back_with_its_subscriptions() {
    if shared_redis().is_none() {
        return;
    }
    let mut server = RedisServer::start().await;
    let (one, mut other) = redis(&server.url()).await;
    other.bus.arrive(OMAR);

    server.kill().await;
    let deadline = Instant::now() + PATIENCE;
    while one.bus.is_well() || other.bus.is_well() {
        assert!(Instant::now() < deadline, "the loss goes unnoticed");
        one.bus.publish(OMAR, &changed(1));
        tokio::task::yield_now().await;
    }
    server.start_again().await;
    until_well(&*one.bus).await;
    until_well(&*other.bus).await;

    // It has said that it has missed something, and hears again; the lease is written anew.
    until_deaf(&mut other.heard).await;
    // What is said before the speaking half has noticed the loss goes down with the old connection.
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "nothing is heard");
        one.bus.publish(OMAR, &changed(2));
        if let Ok(heard) = timeout(Duration::from_millis(200), other.news()).await {
            assert_eq!(heard, (OMAR, changed(2)));
            break;
        }
    }
    let mut one = one;
    assert!(one.moved(OMAR).await);
}

#[tokio::test]
async fn what_is_no_news_is_counted_and_passed_over() {
    let Some(url) = shared_redis() else { return };
    let prefix = format!("test-{}:", Uuid::new_v4().simple());
    let (one, mut other) = (end_on(&url, &prefix).await, end_on(&url, &prefix).await);
    other.bus.expect(OMAR).await;
    let channel = format!("{prefix}user:2");
    let long = "x".repeat(100_000);
    let bad = ["", "null", "{}", "\u{1}", r#"{"v":9,"n":"x","t":"unread"}"#, &long];

    for text in bad {
        cli(&url, &["publish", &channel, text]).await;
        cli(&url, &["publish", &format!("{prefix}presence"), text]).await;
    }
    one.bus.publish(OMAR, &changed(1));

    assert_eq!(other.news().await, (OMAR, changed(1)));
    let malformed = other.bus.counters().malformed.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(malformed, 2 * bad.len() as u64);
}

#[tokio::test]
async fn a_lease_lapses_when_its_server_dies() {
    let Some(url) = shared_redis() else { return };
    let prefix = format!("test-{}:", Uuid::new_v4().simple());
    let one = end_on(&url, &prefix).await;
    let mut other = end_on(&url, &prefix).await;
    one.bus.arrive(NADIA);
    assert!(other.moved(NADIA).await);

    // Dropped without taking leave, as if it had been killed.
    drop(one);

    let lapsed = async {
        loop {
            if let Some(Heard::Leases(leases)) = other.heard.recv().await
                && leases.is_empty()
            {
                return;
            }
        }
    };
    timeout(PATIENCE, lapsed).await.unwrap();
}
