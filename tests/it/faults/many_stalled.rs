//! A crowd of connections of which some do not read: memory stays bounded, those who do not read are
//! sent away, and nobody else misses anything.

use std::iter::repeat_n;

use futures_util::future::{join, join_all};

use crate::{
    helpers::{Person, Program, RawSocket, Site, Socket},
    with_both_databases,
};

const READERS: usize = 2;
const CONNECTIONS_OF_A_READER: usize = 190;
const MESSAGES_TO_A_READER: usize = 20;

const STALLED: usize = 5;
const CONNECTIONS_OF_A_STALLED: usize = 4;
/// With texts of 7,000 letters, more than may wait for a connection and the kernel takes besides.
const MESSAGES_TO_A_STALLED: usize = 200;

/// What the server may need in addition, in KiB: what may wait for those who do not read
/// (`limits.outbound_bytes`), the pages SQLite keeps in memory, and something for everything else.
const MEMORY: u64 = (20 + 64 + 32) * 1024;

/// Messages a sender keeps in flight.
const WINDOW: usize = 16;

/// Writes to all readers; every one of their connections hears everything.
async fn tell(sender: &mut Socket, readers: &[Person], listening: &mut [Socket]) {
    let writing = async {
        for reader in readers {
            sender
                .send_all(reader.id, repeat_n("x".repeat(100), MESSAGES_TO_A_READER), WINDOW)
                .await;
        }
    };
    let hearing = join_all(listening.iter_mut().map(async |socket| {
        for _ in 0..MESSAGES_TO_A_READER {
            socket.receive_type("new_message").await;
        }
    }));
    join(writing, hearing).await;
}

async fn people(server: &Site, name: &str, count: usize) -> Vec<Person> {
    let mut people = vec![];
    for number in 0..count {
        people.push(server.person(&format!("{name}-{number}")).await);
    }
    people
}

with_both_databases! {
    async fn a_crowd_pays_nothing_for_those_who_do_not_read(database) {
        // The kernel must not be faster than the server at giving them up.
        let program = Program::unlimited(database)
            .with("VIKRAHUB__LIMITS__SOCKETS_PER_USER", "0")
            .with("VIKRAHUB__SERVER__STALL_SECONDS", "300");
        let server = program.serve().await;
        let nadia = server.person("nadia").await;
        let readers = people(&server, "reader", READERS).await;
        let stalled = people(&server, "stalled", STALLED).await;
        let mut listening = vec![];
        for reader in &readers {
            let sockets = (0..CONNECTIONS_OF_A_READER).map(|_| reader.connect_v2());
            listening.extend(join_all(sockets).await);
        }
        let (mut nadias, mut hers) = (nadia.connect_v2().await, nadia.connect_v2().await);
        // What any traffic needs is not counted.
        tell(&mut hers, &readers, &mut listening).await;
        let mut frozen = vec![];
        for person in &stalled {
            for _ in 0..CONNECTIONS_OF_A_STALLED {
                frozen.push(RawSocket::open_with_small_buffer(&server, person).await);
            }
        }
        let before = server.memory();

        let flooding = async {
            for person in &stalled {
                nadias.send_all(person.id, repeat_n("x".repeat(7000), MESSAGES_TO_A_STALLED), WINDOW).await;
            }
        };
        join(flooding, tell(&mut hers, &readers, &mut listening)).await;

        let after = server.memory();
        assert!(after < before + MEMORY, "grew from {before} to {after} KiB");
        for socket in &mut frozen {
            assert_eq!(socket.close_code().await, 4008);
        }
        for person in &stalled {
            let history = person.whole_history_with(&nadia).await;
            assert_eq!(history.len(), MESSAGES_TO_A_STALLED);
        }
        server.kill().await;
    }
}
