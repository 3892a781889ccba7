//! A client that stops reading costs the others nothing.

use futures_util::future::join;
use serde_json::json;

use crate::{
    helpers::{Program, RawSocket},
    with_both_databases,
};

const MESSAGES: usize = 5000;

/// Messages the sender keeps in flight.
const WINDOW: usize = 128;

/// What the server may need in addition while it serves somebody who does not read, in KiB. All
/// that is sent to him comes to more than twice as much.
const MEMORY: u64 = 16 * 1024;

/// Texts of a kilobyte, numbered from 1.
fn kilobytes(count: usize) -> impl Iterator<Item = String> {
    (1..=count).map(|number| format!("{number} {}", "x".repeat(1000)))
}

with_both_databases! {
    async fn somebody_who_does_not_read_is_sent_away_and_finds_everything_later(database) {
        // The kernel must not be faster than the server at giving him up.
        let program = Program::unlimited(database).with("VIKRAHUB__SERVER__STALL_SECONDS", "300");
        let server = program.serve().await;
        let (nadia, omar) = (server.person("nadia").await, server.person("omar").await);
        let (paula, quinn) = (server.person("paula").await, server.person("quinn").await);
        let mut nadias = nadia.connect_v2().await;
        let (mut paulas, mut quinns) = (paula.connect_v2().await, quinn.connect_v2().await);
        // What any traffic needs is not counted below.
        let reading = async {
            for _ in 0..1000 {
                quinns.expect("new_message").await;
            }
        };
        join(nadias.send_all(quinn.id, kilobytes(1000), WINDOW), reading).await;
        let before = server.memory();
        let mut stalled = RawSocket::open_with_small_buffer(&server, &omar).await;

        let chatting = async {
            for turn in 0..200 {
                paulas.say(quinn.id, &format!("turn {turn}")).await;
                quinns.expect("new_message").await;
            }
        };
        join(nadias.send_all(omar.id, kilobytes(MESSAGES), WINDOW), chatting).await;

        let after = server.memory();
        assert!(after < before + MEMORY, "grew from {before} to {after} KiB");
        assert_eq!(stalled.close_code().await, 4008);
        stalled.end().await;
        let history = omar.whole_history_with(&nadia).await;
        let seqs: Vec<_> = history.iter().map(|message| message["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (1..=MESSAGES as u64).collect::<Vec<_>>());
        assert_eq!(omar.unread().await, i64::try_from(MESSAGES).unwrap());
        // And he is welcome again.
        nadias.drain().await;
        let mut omars = omar.connect_v2().await;
        omars.send(json!({"type": "ping"})).await;
        omars.receive_type("pong").await;
        nadias.say(omar.id, "welcome back").await;
        assert_eq!(omars.receive_type("new_message").await["message"]["text"], "welcome back");
        server.stop().await;
    }
}
