//! Somebody who sends as fast as he can is told to wait; what the others write is stored and arrives.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    helpers::{Person, TestApp},
    on_both_databases,
};

const OTHERS: usize = 3;
const MESSAGES: usize = 20;

/// Sends without waiting for anything until he is sent away; returns the codes of all refusals and
/// the code he is sent away with.
async fn flood(flooder: &Person, victim: &Person) -> (Vec<Value>, Option<u16>) {
    let mut socket = flooder.connect_v2().await;
    let mut refusals = vec![];
    loop {
        let frame = json!({"type": "message", "recipient_id": victim.id, "text": "!!!"});
        if !socket.try_send(frame).await {
            return (refusals, None);
        }
        match socket.try_next().await {
            Some(Message::Text(event)) => {
                let event: Value = serde_json::from_str(&event).unwrap();
                if event["type"] == "error" {
                    refusals.push(event);
                }
            }
            Some(Message::Close(frame)) => return (refusals, frame.map(|frame| frame.code.into())),
            Some(_) | None => return (refusals, None),
        }
    }
}

async fn chat(one: &Person, other: &Person) {
    let (mut ones, mut others) = (one.connect_v2().await, other.connect_v2().await);
    for turn in 0..MESSAGES {
        let text = format!("turn {turn}");
        let sent = ones.say(other.id, &text).await;
        assert_eq!(sent["message"]["seq"], turn + 1);
        let heard = others.receive_type("new_message").await;
        assert_eq!(heard["message"]["text"], text);
    }
}

async fn people(app: &TestApp, names: &str) -> Vec<Person> {
    let mut people = vec![];
    for number in 0..OTHERS {
        people.push(app.person(&format!("{names}-{number}")).await);
    }
    people
}

on_both_databases! {
    with |config| {
        config.limits.send_burst = 60;
        config.limits.sends_per_second = 20;
    };

    async fn whoever_floods_is_told_to_wait_and_the_others_are_served(app) {
        let (flooder, victim) = (app.person("flooder").await, app.person("victim").await);
        let (ones, others) = (people(app, "one").await, people(app, "other").await);

        let chatting = join_all(ones.iter().zip(&others).map(|(one, other)| chat(one, other)));
        let flooding = flood(&flooder, &victim);
        let ((refusals, code), _) = tokio::join!(flooding, chatting);

        assert!(refusals.len() >= 50, "{}", refusals.len());
        for refusal in &refusals {
            assert_eq!(refusal["code"], "rate_limited");
            assert!(refusal["retry_after"].as_u64() >= Some(1), "{refusal}");
        }
        // With the last refusals comes the end; its frame may be lost to a connection that is reset.
        assert!(code.is_none_or(|code| code == 4029), "{code:?}");
        assert!(victim.unread().await >= 60);
        for other in &others {
            assert_eq!(other.unread().await, i64::try_from(MESSAGES).unwrap());
        }
    }
}
