//! Limits that hold whichever server somebody is connected to.

use serde_json::json;
use tokio::time::Instant;

use super::nadia_and_omar;
use crate::helpers::{Cluster, PATIENCE, RedisServer, shared_redis};

#[tokio::test]
async fn messages_are_counted_together() {
    let change = |config: &mut vikrahub_messaging::config::Config| {
        config.limits.send_burst = 100;
        config.limits.sends_per_second = 1;
    };
    let Some(cluster) = Cluster::start_with(change).await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let mut here = nadia.connect_v2().await;
    let mut there = nadia.at(&cluster.other).connect_v2().await;
    for number in 0..100 {
        here.say(omar.id, &format!("{number}")).await;
    }

    // What was sent here counts there, after a moment.
    let deadline = Instant::now() + PATIENCE;
    let refused = loop {
        assert!(Instant::now() < deadline, "never refused");
        there.send_message(omar.id, "more").await;
        let answer = loop {
            let event = there.receive().await;
            // Copies of what was sent here come in between.
            if event["type"] == "error" || event["message"]["text"] == "more" {
                break event;
            }
        };
        if answer["type"] == "error" {
            break answer;
        }
    };

    assert_eq!(refused["code"], "rate_limited");
    let stored = cluster.database.number("SELECT count(*) FROM messages").await;
    // Alone, the other server would have let a hundred pass as well.
    assert!((101..180).contains(&stored), "{stored}");
    cluster.stop().await;
}

#[tokio::test]
async fn logins_are_counted_together_and_alone_without_redis() {
    if shared_redis().is_none() {
        return;
    }
    let mut redis = RedisServer::start().await;
    let change = |config: &mut vikrahub_messaging::config::Config| {
        config.limits.logins_per_minute = 6;
    };
    let Some(cluster) = Cluster::start_on(&redis.url(), change).await else { return };
    for _ in 0..3 {
        assert_eq!(cluster.one.log_in("nobody", "x").await.status, 401);
        assert_eq!(cluster.other.log_in("nobody", "x").await.status, 401);
    }

    let refused = cluster.one.log_in("nobody", "x").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.body["code"], json!("rate_limited"));

    redis.kill().await;
    cluster.other.misses_the_others().await;
    // Its own count has three left.
    for _ in 0..3 {
        assert_eq!(cluster.other.log_in("nobody", "x").await.status, 401);
    }
    assert_eq!(cluster.other.log_in("nobody", "x").await.status, 429);
    cluster.stop().await;
}
