//! The worked transcripts of the wire contract, played line by line: every event in its place, with every
//! field that is shown. The texts are the contract's, with names in place of ids: `$m` stands for
//! whatever id comes first and for the same one from then on, `…` for any text.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    helpers::{Person, Socket, TestApp},
    on_both_databases,
};

/// Who takes part, what is open, and what the names stand for.
struct Play<'a> {
    app: &'a TestApp,
    people: BTreeMap<String, Person>,
    sockets: BTreeMap<String, Socket>,
    known: BTreeMap<String, Value>,
}

impl<'a> Play<'a> {
    async fn of(app: &'a TestApp) -> Self {
        let mut people = BTreeMap::new();
        let mut known = BTreeMap::new();
        for name in ["nadia", "omar"] {
            let person = app.person(name).await;
            known.insert(format!("${name}"), json!(person.id));
            people.insert(name.to_owned(), person);
        }
        let [nadia, omar] = ["nadia", "omar"].map(|name| people[name].clone());
        let body = json!({"first_name": "Nadia", "last_name": "K"});
        nadia.request(reqwest::Method::PATCH, "/api/users/me/", Some(body)).await.ok();
        known.insert("$c".into(), json!(nadia.conversation_with(&omar).await));
        Self { app, people, sockets: BTreeMap::new(), known }
    }

    async fn play(&mut self, transcript: &str) {
        for line in transcript.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (who, what) = line.split_once(' ').unwrap();
            let what = what.trim_start();
            if let Some(path) = what.strip_prefix("opens ") {
                let token = &self.people[person_of(who)].access;
                let url = self.app.ws_url(&path.replace("TOKEN", token));
                self.sockets.insert(who.to_owned(), Socket::open(url).await.unwrap());
            } else if what == "closes" {
                self.sockets.remove(who).unwrap().close().await;
            } else if let Some(frame) = what.strip_prefix("→ ") {
                let frame = self.filled_in(frame);
                let frame = frame.replace("TOKEN", &self.people[person_of(who)].access);
                let socket = self.sockets.get_mut(who).unwrap();
                socket.send_raw(Message::text(frame)).await;
            } else if let Some(shown) = what.strip_prefix("← ") {
                self.hears(who, shown, line).await;
            } else {
                self.asks(who, what, line).await;
            }
        }
    }

    async fn hears(&mut self, who: &str, shown: &str, line: &str) {
        let shown: Value = serde_json::from_str(shown).unwrap_or_else(|_error| panic!("{line}"));
        let socket = self.sockets.get_mut(who).unwrap();
        let event = if shown["type"] == "user_status" {
            socket.receive_status().await
        } else {
            socket.receive().await
        };
        self.compare(&shown, &event, line);
    }

    /// `METHOD PATH BODY ⇒ STATUS BODY`
    async fn asks(&mut self, who: &str, what: &str, line: &str) {
        let (question, answer) = what.split_once(" ⇒ ").unwrap_or_else(|| panic!("{line}"));
        let question = self.filled_in(question);
        let mut words = question.splitn(3, ' ');
        let method = words.next().unwrap().parse().unwrap();
        let path = words.next().unwrap();
        let body = words.next().map(|body| serde_json::from_str(body).unwrap());
        let (status, shown) = answer.split_once(' ').unwrap_or((answer, "null"));

        let got = self.people[who].request(method, path, body).await;

        assert_eq!(got.status.to_string(), status, "{line}: {}", got.body);
        self.compare(&serde_json::from_str(shown).unwrap(), &got.body, line);
    }

    /// Names that are known, replaced by what they stand for.
    fn filled_in(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.known {
            text = text.replace(&format!("\"{name}\""), &value.to_string());
            text = text.replace(&format!("{name}/"), &format!("{}/", value.as_str().unwrap_or("")));
        }
        text
    }

    /// Everything that is shown must be there; more may be.
    fn compare(&mut self, shown: &Value, heard: &Value, line: &str) {
        match (shown, heard) {
            (Value::Null, _) if shown == heard => {}
            (Value::Object(shown), Value::Object(heard)) => {
                for (name, shown) in shown {
                    let heard = heard.get(name).unwrap_or_else(|| panic!("no {name}: {line}"));
                    self.compare(shown, heard, line);
                }
            }
            (Value::Array(shown), Value::Array(heard)) => {
                assert_eq!(shown.len(), heard.len(), "{line}: {heard:?}");
                for (shown, heard) in shown.iter().zip(heard) {
                    self.compare(shown, heard, line);
                }
            }
            (Value::String(name), _) if name.starts_with('$') => {
                let known = self.known.entry(name.clone()).or_insert_with(|| heard.clone());
                assert_eq!(known, heard, "{name} in: {line}");
            }
            (Value::String(any), Value::String(_)) if any == "…" => {}
            _ => assert_eq!(shown, heard, "{line}"),
        }
    }

    /// Nothing was said beyond what was shown.
    async fn ends(mut self) {
        for (who, socket) in &mut self.sockets {
            assert_eq!(socket.drain().await, Vec::<Value>::new(), "{who}");
        }
    }
}

/// `omar@messaging` is a second connection of omar.
fn person_of(who: &str) -> &str {
    who.split('@').next().unwrap()
}

on_both_databases! {
    async fn two_people_talk_with_the_first_clients(app) {
        let mut play = Play::of(app).await;
        play.play(r#"
            omar opens /ws/chat/?token=TOKEN
            omar ← {"type":"connection_established","user_id":"$omar","username":"omar","message":"Connected to chat system"}
            nadia opens /ws/chat/?token=TOKEN
            nadia ← {"type":"connection_established","user_id":"$nadia","username":"nadia","message":"Connected to chat system"}
            nadia ← {"type":"user_status","user_id":"$omar","username":"omar","is_online":true,"status":"online","last_active":"…","last_seen":"…"}
            nadia → {"type":"message","recipient_id":"$omar","text":"  lunch?  "}
            omar ← {"type":"new_message","message":{"id":"$m","conversation_id":"$c","conversation":"$c","sender":{"id":"$nadia","username":"nadia","full_name":"Nadia K"},"recipient":{"id":"$omar","username":"omar","full_name":"omar"},"text":"lunch?","content":"lunch?","timestamp":"…","created_at":"…","reply_to":null,"reactions":[]}}
            omar ← {"type":"message","message":{"id":"$m","conversation_id":"$c","text":"lunch?","content":"lunch?"}}
            nadia ← {"type":"message_delivered","message_id":"$m","delivered_to":"omar","delivered_at":"…"}
            nadia ← {"type":"message_sent","message":{"id":"$m","conversation_id":"$c","text":"lunch?","content":"lunch?","sender":{"id":"$nadia","username":"nadia"},"delivered_to":["omar"]}}
            omar → {"type":"mark_read","message_id":"$m"}
            omar ← {"type":"mark_read_success","message_id":"$m","message_ids":["$m"],"conversation_id":"$c"}
            nadia ← {"type":"message_read","message_id":"$m","message_ids":["$m"],"conversation_id":"$c","read_by":"omar","read_by_id":"$omar","read_at":"…"}
            omar → {"type":"message","recipient_id":"$nadia","text":"yes","reply_to_id":"$m"}
            nadia ← {"type":"new_message","message":{"id":"$yes","text":"yes","reply_to":{"id":"$m","content":"lunch?","text":"lunch?","sender":{"id":"$nadia","username":"nadia","full_name":"Nadia K"}}}}
            nadia ← {"type":"message","message":{"id":"$yes"}}
            omar ← {"type":"message_delivered","message_id":"$yes","delivered_to":"nadia","delivered_at":"…"}
            omar ← {"type":"message_sent","message":{"id":"$yes"}}
            nadia → {"type":"message","recipient_id":404404,"text":"x"}
            nadia ← {"type":"error","message":"Recipient not found"}
            omar closes
            nadia ← {"type":"user_status","user_id":"$omar","username":"omar","is_online":false,"status":"offline","last_active":"…","last_seen":null}
        "#).await;
        play.ends().await;
    }

    async fn one_click_on_send_in_the_old_messages_page(app) {
        let mut play = Play::of(app).await;
        play.play(r#"
            omar opens /ws/chat/?token=TOKEN
            omar ← {"type":"connection_established"}
            nadia opens /ws/chat/?token=TOKEN
            nadia ← {"type":"connection_established"}
            nadia POST /api/messaging/conversations/$c/messages/ {"content":"hello","reply_to_id":null} ⇒ 201 {"id":"$m","conversation":"$c","content":"hello","reply_to_id":null,"text":"hello","body":"hello","created_at":"…","timestamp":"…"}
            omar ← {"type":"new_message","message":{"id":"$m","content":"hello"}}
            omar ← {"type":"message","message":{"id":"$m","content":"hello"}}
            nadia ← {"type":"message_delivered","message_id":"$m"}
            nadia ← {"type":"message_sent","message":{"id":"$m","content":"hello","sender":{"username":"nadia"},"created_at":"…"}}
            nadia → {"type":"message","recipient_id":"$omar","text":"hello","reply_to_id":null}
            nadia ← {"type":"message_delivered","message_id":"$m","delivered_to":"omar"}
            nadia ← {"type":"message_sent","message":{"id":"$m","content":"hello"}}
            nadia GET /api/messaging/conversations/$c/messages/ ⇒ 200 {"count":1,"next":null,"previous":null,"results":[{"id":"$m"}]}
        "#).await;
        play.ends().await;
    }

    async fn a_click_on_a_heart_in_the_old_messages_page_and_a_second_one(app) {
        let mut play = Play::of(app).await;
        play.play(r#"
            omar POST /api/messaging/conversations/$c/messages/ {"content":"look"} ⇒ 201 {"id":"$m"}
            omar opens /ws/chat/?token=TOKEN
            omar ← {"type":"connection_established"}
            nadia opens /ws/chat/?token=TOKEN
            nadia ← {"type":"connection_established"}
            omar ← {"type":"message_delivered","message_id":"$m","delivered_to":"nadia"}
            nadia POST /api/messaging/messages/$m/reactions/ {"reaction":"❤️"} ⇒ 200 {"status":"success","message":"Reaction added successfully","reaction":{"reaction_type":"❤️","user":{"id":"$nadia","username":"nadia"},"created_at":"…"}}
            omar ← {"type":"reaction_update","message_id":"$m","reactions":[{"user":{"id":"$nadia","username":"nadia"},"reaction_type":"❤️","created_at":"…"}],"user":"nadia","reaction":"❤️","added":true}
            nadia ← {"type":"reaction_update","message_id":"$m","reactions":[{"reaction_type":"❤️"}],"added":true}
            nadia → {"type":"add_reaction","message_id":"$m","reaction_type":"❤️"}
            nadia POST /api/messaging/messages/$m/reactions/remove/ ⇒ 200 {"status":"success","message":"Reaction removed successfully"}
            nadia ← {"type":"reaction_update","message_id":"$m","reactions":[],"added":false}
            omar ← {"type":"reaction_update","message_id":"$m","reactions":[],"added":false}
            nadia → {"type":"remove_reaction","message_id":"$m","reaction_type":"❤️"}
            nadia → {"type":"message","recipient_id":404404,"text":"after all this"}
            nadia ← {"type":"error","message":"Recipient not found"}
        "#).await;
        play.ends().await;
    }

    async fn opening_a_conversation_with_unread_messages_in_the_old_messages_page(app) {
        let mut play = Play::of(app).await;
        play.play(r#"
            omar POST /api/messaging/conversations/$c/messages/ {"content":"one"} ⇒ 201 {"id":"$1"}
            omar POST /api/messaging/conversations/$c/messages/ {"content":"two"} ⇒ 201 {"id":"$2"}
            omar opens /ws/chat/?token=TOKEN
            omar ← {"type":"connection_established"}
            nadia@messaging opens /ws/messaging/?token=TOKEN
            nadia@messaging ← {"type":"connection_established","user_id":"$nadia","username":"nadia"}
            nadia GET /api/messaging/conversations/$c/messages/ ⇒ 200 {"count":2,"next":null,"previous":null,"results":[{"id":"$1","content":"one"},{"id":"$2","content":"two"}]}
            nadia POST /api/messaging/conversations/$c/mark-read/ ⇒ 200 {"status":"success"}
            omar ← {"type":"message_delivered","message_id":"$1","delivered_to":"nadia","delivered_at":"…"}
            omar ← {"type":"message_delivered","message_id":"$2","delivered_to":"nadia","delivered_at":"…"}
            omar ← {"type":"message_read","message_id":"$2","message_ids":["$1","$2"],"conversation_id":"$c","read_by":"nadia","read_by_id":"$nadia","read_at":"…"}
            nadia@messaging ← {"type":"unread_count_update","message_count":0,"notification_count":2,"timestamp":"…"}
            nadia opens /ws/chat/?token=TOKEN
            nadia ← {"type":"connection_established"}
            nadia → {"type":"mark_read","recipient_id":"$omar","conversation_id":"$c"}
            nadia ← {"type":"mark_read_success","message_ids":[],"conversation_id":"$c"}
            nadia GET /api/messaging/unread-count/ ⇒ 200 {"unread_count":0}
        "#).await;
        play.ends().await;
    }

    async fn somebody_says_later_who_he_is(app) {
        let mut play = Play::of(app).await;
        play.play(r#"
            nadia opens /ws/messaging/
            nadia ← {"type":"connection_established","user_id":null,"username":"anonymous","message":"Connected as anonymous user"}
            nadia → {"type":"typing_start","conversation_id":"$c"}
            nadia ← {"type":"error","message":"Authentication required"}
            nadia → {"type":"authenticate","token":"TOKEN"}
            nadia ← {"type":"authenticated","user_id":"$nadia","username":"nadia"}
            nadia → {"type":"join_conversation","conversation_id":"$c"}
            nadia ← {"type":"conversation_joined","conversation_id":"$c"}
            omar opens /ws/messaging/?token=TOKEN
            omar ← {"type":"connection_established","user_id":"$omar","username":"omar"}
            omar → {"type":"typing_start","conversation_id":"$c"}
            nadia ← {"type":"user_typing","conversation_id":"$c","user":{"id":"$omar","username":"omar","full_name":"omar"},"is_typing":true}
            omar closes
            nadia ← {"type":"user_typing","conversation_id":"$c","user":{"id":"$omar","username":"omar","full_name":"omar"},"is_typing":false}
        "#).await;
        play.ends().await;
    }
}
