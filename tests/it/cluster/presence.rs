//! Who is online, wherever he is connected.

use serde_json::json;
use vikrahub_messaging::config::Config;

use super::nadia_and_omar;
use crate::helpers::{Cluster, Program, TestDatabase, shared_redis};

#[tokio::test]
async fn somebody_is_gone_when_his_last_connection_to_any_server_is() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let path = format!("/api/messaging/users/{}/status/", omar.id);
    let mut nadias = nadia.connect_v2().await;

    let there = omar.connect_v2().await;
    let came = nadias.receive_status().await;
    assert_eq!((&came["username"], &came["is_online"]), (&json!("omar"), &json!(true)));
    assert_eq!(nadia.get(&path).await.ok()["is_online"], true);
    let here = omar.at(&cluster.one).connect_v2().await;
    let also_there = omar.connect_v2().await;
    there.close().await;
    also_there.close().await;
    // Until the first server has heard that he has left the other one.
    let conversation = nadia.conversation_with(&omar).await;
    nadia.write(&conversation, "still there?").await;
    nadias.receive_type("message_delivered").await;
    assert_eq!(nadia.get(&path).await.ok()["is_online"], true);
    here.close().await;

    // Nothing was said between his coming and his going.
    let went = nadias.receive_status().await;
    assert_eq!((&went["username"], &went["is_online"]), (&json!("omar"), &json!(false)));
    assert_eq!(nadia.get(&path).await.ok()["is_online"], false);
    cluster.stop().await;
}

#[tokio::test]
async fn a_new_connection_is_told_who_is_online_elsewhere() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let mut omars = omar.connect_v2().await;

    let mut nadias = nadia.connect_v2().await;

    let status = nadias.receive_status().await;
    assert_eq!((&status["username"], &status["is_online"]), (&json!("omar"), &json!(true)));
    assert_eq!(omars.receive_status().await["username"], "nadia");
    // And a second one.
    let mut second = nadia.connect_v2().await;
    assert_eq!(second.receive_status().await["username"], "omar");
    cluster.stop().await;
}

#[tokio::test]
async fn strangers_are_told_nothing() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let zoe = cluster.one.person("zoe").await;
    let mut zoes = zoe.connect_v2().await;
    let mut nadias = nadia.connect_v2().await;

    let omars = omar.connect_v2().await;
    nadias.receive_status().await;
    omars.close().await;
    nadias.receive_status().await;

    assert_eq!(zoes.drain_with_statuses().await, Vec::<serde_json::Value>::new());
    cluster.stop().await;
}

/// The other server dies without a word: its people go when its lease has lapsed.
#[tokio::test]
async fn the_people_of_a_server_that_has_died_are_gone_after_a_while() {
    let Some(redis) = shared_redis() else { return };
    let Some(database) = TestDatabase::postgres().await else { return };
    let prefix = format!("test-{}:", uuid::Uuid::new_v4().simple());
    let program = Program::unlimited(&database)
        .with("REDIS_URL", &redis)
        .with("VIKRAHUB__REDIS__CHANNEL_PREFIX", &prefix)
        .with("VIKRAHUB__REDIS__LEASE_SECONDS", "3");
    let (one, other) = (program.serve().await, program.serve().await);
    let nadia = one.person("nadia").await;
    let omar = other.person("omar").await;
    nadia.conversation_with(&omar).await;
    let mut nadias = nadia.connect_v2().await;
    let _omars = omar.connect_v2().await;
    assert_eq!(nadias.receive_status().await["is_online"], true);

    other.kill().await;

    let went = nadias.receive_status().await;
    assert_eq!((&went["username"], &went["is_online"]), (&json!("omar"), &json!(false)));
    one.stop().await;
    database.drop_it().await;
}

#[tokio::test]
async fn whoever_is_deactivated_is_thrown_out_of_every_server() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let mut here = omar.at(&cluster.one).connect_v2().await;
    let mut there = omar.connect_v2().await;
    let mut nadias = nadia.connect_v2().await;

    let sql = format!("UPDATE users SET is_active = FALSE WHERE id = {}", omar.id);
    cluster.database.execute(&sql).await;

    assert_eq!(here.close_code().await, 4003);
    assert_eq!(there.close_code().await, 4003);
    assert_eq!(nadias.receive_status().await["is_online"], true);
    assert_eq!(nadias.receive_status().await["is_online"], false);
    cluster.stop().await;
}

/// With leases as they are by default nobody counts as online for more than a minute after his
/// server has died: the lease lapses, is missed, and is waited for.
#[test]
fn by_default_nobody_is_online_for_more_than_a_minute_too_long() {
    let lease = Config::default().redis.lease_seconds;
    assert!(lease + lease / 3 + lease / 2 <= 60, "{lease}");
}
