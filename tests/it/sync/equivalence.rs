//! State at some rev and the changes since equal the state now, whatever happened in between.

use fastrand::Rng;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, client::text, truth::Truth};
use crate::{
    helpers::{Person, Socket, TestApp},
    on_both_databases,
};

/// Rounds of a run, and steps in each.
const ROUNDS: u64 = 6;
const STEPS: u64 = 25;

/// What people do to each other.
struct Story<'a> {
    people: &'a [Person],
    dice: Rng,
    /// Every message that was ever sent, and who wrote it to whom.
    messages: Vec<(Value, usize, usize)>,
}

impl Story<'_> {
    /// One random step; what cannot be done any more is refused, and that is as good.
    async fn step(&mut self) {
        let count = self.people.len();
        let by = self.dice.usize(..count);
        let to = (by + 1 + self.dice.usize(..count - 1)) % count;
        let (author, reader) = (&self.people[by], &self.people[to]);
        let action = self.dice.usize(..20);
        if action < 7 || self.messages.is_empty() {
            let text = format!("message {}", self.messages.len());
            let conversation = author.conversation_with(reader).await;
            let path = format!("/api/messaging/conversations/{conversation}/messages/");
            let mut body = json!({"content": text});
            if self.dice.usize(..3) == 0 && !self.messages.is_empty() {
                body["reply_to_id"] = self.pick().0["id"].clone();
            }
            let answer = author.post(&path, body).await;
            if answer.status == 201 {
                self.messages.push((answer.body, by, to));
            }
            return;
        }
        let (message, by, to) = self.pick();
        let (author, reader) = (&self.people[by], &self.people[to]);
        let either = if self.dice.usize(..2) == 0 { author } else { reader };
        let path = format!("/api/messaging/messages/{}/", text(&message["id"]));
        let conversation =
            format!("/api/messaging/conversations/{}/", text(&message["conversation_id"]));
        let answer = match action {
            7..9 => {
                let edited = json!({"content": format!("edited {}", self.dice.usize(..1000))});
                author.request(Method::PATCH, &path, Some(edited)).await
            }
            9 => author.request(Method::DELETE, &path, None).await,
            10..12 => reader.request(Method::DELETE, &path, None).await,
            12..15 => {
                let reaction = ["like", "love", "sad"][self.dice.usize(..3)];
                either.post(&format!("{path}reactions/"), json!({"reaction": reaction})).await
            }
            15 => either.post(&format!("{path}reactions/remove/"), json!({})).await,
            16..18 => either.post(&format!("{conversation}mark-read/"), json!({})).await,
            18 => either.request(Method::DELETE, &conversation, None).await,
            _ => {
                let ids = json!({"message_ids": [message["id"]]});
                reader.post(&format!("{conversation}mark-messages-read/"), ids).await
            }
        };
        assert!(answer.status < 500, "{answer:?}");
    }

    /// A recent message, mostly.
    fn pick(&mut self) -> (Value, usize, usize) {
        let recent = self.messages.len().min(15);
        let skipped = if self.dice.usize(..4) == 0 { 0 } else { self.messages.len() - recent };
        let place = skipped + self.dice.usize(..self.messages.len() - skipped);
        self.messages[place].clone()
    }
}

/// Applies what has arrived; what is missing is fetched.
async fn listen(client: &mut Client, person: &Person, socket: &mut Socket) {
    for event in socket.drain().await {
        match client.apply(&event) {
            Some(known) if client.conversations.contains_key(&known) => {
                client.fetch(person, &known).await;
            }
            // New to him, or one that he has hidden.
            Some(_unknown) => client.sync(person).await,
            None => {}
        }
    }
}

async fn tell_a_story(app: &TestApp, seed: u64) {
    let people = [
        app.person(&format!("nadia{seed}")).await,
        app.person(&format!("omar{seed}")).await,
        app.person(&format!("paula{seed}")).await,
    ];
    let mut story = Story { people: &people, dice: Rng::with_seed(seed), messages: vec![] };
    // For everybody a client that is always there, one that comes and goes, one that asks over REST.
    let mut always = vec![];
    for person in &people {
        let mut client = Client::of(person);
        let socket = client.come_back(person).await;
        always.push((client, socket));
    }
    let mut seldom: Vec<_> = people.iter().map(Client::of).collect();
    let mut over_rest = seldom.clone();

    for round in 0..ROUNDS {
        for _ in 0..STEPS {
            story.step().await;
        }
        for (place, person) in people.iter().enumerate() {
            let truth = Truth::of(person).await;
            let during = format!("seed {seed}, round {round}, {}", person.username);
            let (client, socket) = &mut always[place];
            listen(client, person, socket).await;
            truth.is_known_to(client, &format!("{during}, live"));
            if story.dice.usize(..3) > 0 {
                over_rest[place].sync(person).await;
                truth.is_known_at_rest_to(&over_rest[place], &format!("{during}, REST"));
            }
            if story.dice.usize(..3) > 0 {
                let socket = seldom[place].come_back(person).await;
                // His coming has moved what was delivered to him.
                let truth = Truth::of(person).await;
                truth.is_known_at_rest_to(&seldom[place], &format!("{during}, resumed"));
                socket.close().await;
            }
        }
    }
}

on_both_databases! {
    with crate::sync::small_pages;

    async fn state_and_changes_equal_the_state_now(app) {
        for seed in [1, 20_261_124, 99_991] {
            tell_a_story(app, seed).await;
        }
    }
}
