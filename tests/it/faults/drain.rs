//! A server that is asked to stop, in the middle of its work.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    helpers::{Person, Program, Socket},
    with_both_databases,
};

/// Pairs of people who talk with each other all the time.
const PAIRS: usize = 8;

/// Messages each of them keeps in flight.
const WINDOW: usize = 4;

/// What one client went through.
#[derive(Debug, Default)]
struct Experience {
    /// Client ids that were answered, with the answer.
    answers: Vec<(String, Value)>,
    got_hint: bool,
    close_code: Option<u16>,
}

impl Experience {
    fn stored(&self) -> BTreeSet<&str> {
        let stored = self.answers.iter().filter(|(_, answer)| answer["type"] == "message_sent");
        stored.map(|(client_id, _)| client_id.as_str()).collect()
    }
}

/// Talks until it is sent away; everything it hears is kept.
async fn talk(
    me: &Person,
    other: &Person,
    mut socket: Socket,
    warm: &tokio::sync::Barrier,
) -> Experience {
    let mut experience = Experience::default();
    let (mut sent, mut is_warm) = (0, false);
    loop {
        while !experience.got_hint && sent < experience.answers.len() + WINDOW {
            let client_id = format!("{}-{sent}", me.username);
            let frame = json!({
                "type": "message",
                "recipient_id": other.id,
                "text": client_id,
                "client_id": client_id,
            });
            if !socket.try_send(frame).await {
                break;
            }
            sent += 1;
        }
        match socket.try_next().await {
            Some(Message::Text(event)) => {
                let event: Value = serde_json::from_str(&event).unwrap();
                match event["type"].as_str().unwrap() {
                    "message_sent" | "error" => {
                        let client_id = event["client_id"].as_str().unwrap().to_owned();
                        experience.answers.push((client_id, event));
                    }
                    "reconnect" => {
                        assert!(event["after_ms"].as_u64().unwrap() < 10_000, "{event}");
                        experience.got_hint = true;
                    }
                    _ => {}
                }
            }
            Some(Message::Close(frame)) => {
                experience.close_code = frame.map(|frame| frame.code.into());
                return experience;
            }
            Some(_) | None => return experience,
        }
        if !is_warm && experience.answers.len() > 2 * WINDOW {
            is_warm = true;
            warm.wait().await;
        }
    }
}

with_both_databases! {
    async fn a_server_that_stops_finishes_what_it_has_accepted(database) {
        let program = Program::unlimited(database);
        let server = program.serve().await;
        let mut people = vec![];
        for place in 0..2 * PAIRS {
            people.push(server.person(&format!("person-{place}")).await);
        }
        let sockets = join_all(people.iter().map(Person::connect_v2)).await;
        // Everybody is in the middle of talking when the signal comes.
        let warm = tokio::sync::Barrier::new(2 * PAIRS + 1);

        let talking = join_all(sockets.into_iter().enumerate().map(|(place, socket)| {
            talk(&people[place], &people[place ^ 1], socket, &warm)
        }));
        let stopping = async {
            warm.wait().await;
            server.terminate().await;
            server.ended().await
        };
        let (experiences, (status, log)) = tokio::join!(talking, stopping);

        assert_eq!(status.code(), Some(0), "{log}");
        assert!(!log.contains(" ERROR "), "{log}");
        for experience in &experiences {
            assert!(experience.got_hint);
            assert_eq!(experience.close_code, Some(1012));
            let answered: BTreeSet<_> = experience.answers.iter().map(|(id, _)| id).collect();
            assert_eq!(answered.len(), experience.answers.len(), "answered twice");
            for (_, answer) in &experience.answers {
                let is_fine = answer["type"] == "message_sent" || answer["code"] == "restarting";
                assert!(is_fine, "{answer}");
            }
        }

        // The next server knows exactly what was acknowledged, and goes on.
        let server = program.serve().await;
        for (place, person) in people.iter().enumerate().step_by(2) {
            let person = person.at(&server);
            let history = person.whole_history_with(&people[place ^ 1]).await;
            let kept: BTreeSet<_> =
                history.iter().map(|message| message["client_id"].as_str().unwrap()).collect();
            let (mine, theirs) = (&experiences[place], &experiences[place ^ 1]);
            let promised: BTreeSet<_> = mine.stored().into_iter().chain(theirs.stored()).collect();
            assert_eq!(kept, promised);
            assert_eq!(history.len(), promised.len());
        }
        let (one, other) = (people[0].at(&server), &people[1]);
        assert_eq!(one.connect_v2().await.say(other.id, "again").await["duplicate"], false);
        server.stop().await;
    }

    async fn a_server_without_clients_stops_at_once(database) {
        let server = Program::unlimited(database).serve().await;
        let started = std::time::Instant::now();

        server.stop().await;

        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }
}
