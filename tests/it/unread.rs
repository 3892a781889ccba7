//! Unread counts cannot stick: after any history, three places agree, and reading everything gives 0.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    helpers::{Person, TestApp},
    on_both_databases,
};

/// Something one of two people does.
#[derive(Clone, Debug)]
enum Deed {
    Send,
    Edit(usize),
    Delete(usize),
    ReadMessage(usize),
    ReadConversation,
    Hide,
}

fn deeds() -> impl Strategy<Value = Vec<(bool, Deed)>> {
    let deed = prop_oneof![
        6 => Just(Deed::Send),
        1 => any::<usize>().prop_map(Deed::Edit),
        2 => any::<usize>().prop_map(Deed::Delete),
        1 => any::<usize>().prop_map(Deed::ReadMessage),
        1 => Just(Deed::ReadConversation),
        1 => Just(Deed::Hide),
    ];
    prop::collection::vec((any::<bool>(), deed), 40)
}

/// What the two should see, kept beside the server.
#[derive(Default)]
struct Model {
    messages: Vec<Sent>,
    /// How many messages each of the two has read or put out of sight.
    seen: [usize; 2],
}

struct Sent {
    id: String,
    by: usize,
    /// For whom of the two it is gone.
    gone: [bool; 2],
}

impl Model {
    fn unread(&self, who: usize) -> usize {
        let unread = self.messages.iter().skip(self.seen[who]);
        unread.filter(|message| message.by != who && !message.gone[who]).count()
    }
}

async fn perform(
    people: &[&Person; 2],
    model: &mut Model,
    conversation: &str,
    who: usize,
    deed: &Deed,
) {
    let base = "/api/messaging";
    let person = people[who];
    let chosen = |at: usize| (!model.messages.is_empty()).then(|| at % model.messages.len());
    match *deed {
        Deed::Send => {
            let sent = person.write(conversation, "hello").await;
            let id = sent["id"].as_str().unwrap().to_owned();
            let caught_up = model.unread(who) == 0 && model.seen[who] == model.messages.len();
            model.messages.push(Sent { id, by: who, gone: [false; 2] });
            if caught_up {
                model.seen[who] = model.messages.len();
            }
        }
        Deed::Edit(at) => {
            let Some(at) = chosen(at) else { return };
            let path = format!("{base}/messages/{}/", model.messages[at].id);
            let body = Some(json!({"content": "hello again"}));
            person.request(Method::PATCH, &path, body).await;
        }
        Deed::Delete(at) => {
            let Some(at) = chosen(at) else { return };
            let message = &mut model.messages[at];
            let path = format!("{base}/messages/{}/", message.id);
            let answer = person.request(Method::DELETE, &path, None).await;
            if answer.status == 204 {
                message.gone[who] = true;
                message.gone[1 - who] |= message.by == who;
            }
        }
        Deed::ReadMessage(at) => {
            let Some(at) = chosen(at) else { return };
            let message = &model.messages[at];
            let path = format!("{base}/conversations/{conversation}/mark-messages-read/");
            person.post(&path, json!({"message_ids": [message.id]})).await.ok();
            if message.by != who && !message.gone[1 - who] {
                model.seen[who] = model.seen[who].max(at + 1);
            }
        }
        Deed::ReadConversation => {
            let path = format!("{base}/conversations/{conversation}/mark-read/");
            person.post(&path, json!({})).await.ok();
            model.seen[who] = model.messages.len();
        }
        Deed::Hide => {
            let path = format!("{base}/conversations/{conversation}/");
            person.request(Method::DELETE, &path, None).await;
            model.seen[who] = model.messages.len();
        }
    }
}

/// The count in total, with the one person, and summed over the list.
async fn counts(person: &Person, other: &Person) -> [i64; 3] {
    let path = format!("/api/messaging/messages/user/{}/unread/", other.id);
    let with_other = person.get(&path).await.ok()["unread_count"].as_i64().unwrap();
    let list = person.get("/api/messaging/conversations/").await.ok();
    let sum = |list: &Value| -> i64 {
        list.as_array().unwrap().iter().map(|one| one["unread_count"].as_i64().unwrap()).sum()
    };
    [person.unread().await, with_other, sum(&list)]
}

async fn play(app: &TestApp, round: usize, deeds: Vec<(bool, Deed)>) {
    let nadia = app.person(&format!("nadia{round}")).await;
    let omar = app.person(&format!("omar{round}")).await;
    let conversation = nadia.conversation_with(&omar).await;
    let people = [&nadia, &omar];
    let mut model = Model::default();
    for (step, (first, deed)) in deeds.iter().enumerate() {
        perform(&people, &mut model, &conversation, usize::from(*first), deed).await;
        for who in 0..2 {
            let expected = i64::try_from(model.unread(who)).unwrap();
            let found = counts(people[who], people[1 - who]).await;
            assert_eq!(found, [expected; 3], "round {round}, after step {step} of {deeds:?}");
        }
    }
    for who in 0..2 {
        let path = format!("/api/messaging/conversations/{conversation}/mark-read/");
        people[who].post(&path, json!({})).await.ok();
        assert_eq!(counts(people[who], people[1 - who]).await, [0; 3], "round {round}: {deeds:?}");
    }
}

on_both_databases! {
    async fn unread_counts_agree_and_end_at_zero(app) {
        // The same histories every time: a failure can be seen again.
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        for round in 0..8 {
            let deeds = deeds().new_tree(&mut runner).unwrap().current();
            play(app, round, deeds).await;
        }
    }
}
