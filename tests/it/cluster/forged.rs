//! Whoever can write to Redis can wake servers up, and nothing else.

use serde_json::{Value, json};
use uuid::Uuid;

use super::nadia_and_omar;
use crate::helpers::{Cluster, Person, cli};

/// Publishes on somebody's channel, as another server would.
async fn publish(cluster: &Cluster, to: &Person, mut news: Value) {
    news["v"] = json!(1);
    news["n"] = json!(Uuid::new_v4());
    let channel = format!("{}user:{}", cluster.prefix, to.id);
    let listeners = cli(&cluster.redis_url, &["publish", &channel, &news.to_string()]).await;
    assert_ne!(listeners, "0", "nobody listens");
}

#[tokio::test]
async fn forged_news_tell_nothing_the_database_does_not_hold() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let zoe = cluster.one.person("zoe").await;
    let conversation = nadia.conversation_with(&omar).await;
    let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
    let mut bells = omar.connect_notifications().await;
    let mut zoes = zoe.connect_v2().await;
    let mut page = omar.connect_messaging().await;
    nadias.say(omar.id, "the only message").await;
    omars.receive_type("new_message").await;
    nadias.receive_type("message_delivered").await;
    bells.receive_type("unread_count_update").await;
    page.receive_type("unread_count_update").await;

    for to in [&omar, &nadia, &zoe] {
        for news in [
            json!({"t": "changed", "c": conversation, "r": 1}),
            json!({"t": "changed", "c": conversation, "r": 99, "b": 12345}),
            json!({"t": "changed", "c": conversation, "r": i64::MAX}),
            json!({"t": "changed", "c": conversation, "r": -1}),
            json!({"t": "changed", "c": Uuid::new_v4(), "r": 1}),
            json!({"t": "receipts", "c": conversation}),
            json!({"t": "receipts", "c": Uuid::new_v4()}),
            json!({"t": "unlisted", "c": conversation}),
            json!({"t": "unlisted", "c": Uuid::new_v4()}),
            json!({"t": "notified"}),
            json!({"t": "notifications_read"}),
            json!({"t": "notifications_read", "i": 1}),
            json!({"t": "typing", "c": conversation, "b": zoe.id, "on": true}),
            json!({"t": "typing", "c": Uuid::new_v4(), "b": nadia.id, "on": true}),
            json!({"t": "no such thing", "text": "hello"}),
        ] {
            publish(&cluster, to, news).await;
        }
    }
    // What comes afterwards shows that all of it has been looked at.
    let next = nadias.say(omar.id, "the next one").await;

    let heard = omars.expect("new_message").await;
    assert_eq!((&heard["message"]["id"], &heard["prev_rev"]), (&next["message"]["id"], &json!(1)));
    assert_eq!(omars.drain().await, Vec::<Value>::new());
    assert_eq!(zoes.drain().await, Vec::<Value>::new());
    assert_eq!(bells.receive_type("new_notification").await["notification"]["verb"], "message");
    assert!(!bells.drain().await.iter().any(|event| event["type"] != "unread_count_update"));
    cluster.stop().await;
}

#[tokio::test]
async fn forged_presence_does_not_outlast_the_next_look() {
    let Some(cluster) = Cluster::start_with(|config| config.redis.lease_seconds = 3).await else {
        return;
    };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let mut nadias = nadia.connect_v2().await;
    let forged = json!({"v": 1, "n": Uuid::new_v4(), "t": "came", "u": omar.id}).to_string();

    cli(&cluster.redis_url, &["publish", &format!("{}presence", cluster.prefix), &forged]).await;

    assert_eq!(nadias.receive_status().await["is_online"], true);
    assert_eq!(nadias.receive_status().await["is_online"], false);
    cluster.stop().await;
}
