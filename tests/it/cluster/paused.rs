//! A server that stands still for a while and goes on.

use tokio::time::{Duration, timeout};

use super::{messages, seqs};
use crate::helpers::{Program, TestDatabase, shared_redis};

/// Clients are complete so soon after it goes on.
const REPAIR: Duration = Duration::from_secs(10);

/// Long enough for its lease to lapse and for the others to give it up: this many times the lease.
const MESSAGES: usize = 20;

#[tokio::test]
async fn a_server_that_was_paused_catches_up_without_repeating_anything() {
    let Some(redis) = shared_redis() else { return };
    let Some(database) = TestDatabase::postgres().await else { return };
    let program = Program::unlimited(&database)
        .with("REDIS_URL", &redis)
        .with(
            "VIKRAHUB__REDIS__CHANNEL_PREFIX",
            &format!("test-{}:", uuid::Uuid::new_v4().simple()),
        )
        .with("VIKRAHUB__REDIS__LEASE_SECONDS", "3")
        .with("VIKRAHUB__REDIS__SWEEP_SECONDS", "1");
    let (one, other) = (program.serve().await, program.serve().await);
    let (nadia, omar) = (one.person("nadia").await, other.person("omar").await);
    nadia.conversation_with(&omar).await;
    let mut nadias = nadia.connect_v2().await;
    let mut omars = omar.connect_v2().await;
    assert_eq!(nadias.receive_status().await["is_online"], true);

    other.pause().await;
    let mut sent = vec![];
    for number in 0..MESSAGES {
        sent.push(nadias.say(omar.id, &format!("{number}")).await);
    }
    // Its own client writes into the void.
    omars.send_message(nadia.id, "are you there?").await;
    // For the others its people are gone.
    assert_eq!(nadias.receive_status().await["is_online"], false);
    other.go_on().await;

    let heard = timeout(REPAIR, messages(&mut omars, MESSAGES + 1)).await.unwrap();
    assert_eq!(seqs(&heard), (1..=MESSAGES as u64 + 1).collect::<Vec<_>>());
    let heard = timeout(REPAIR, nadias.receive_type("new_message")).await.unwrap();
    assert_eq!(heard["message"]["text"], "are you there?");
    let history = nadia.whole_history_with(&omar).await;
    assert_eq!(history.len(), MESSAGES + 1);
    one.stop().await;
    other.stop().await;
    database.drop_it().await;
}
