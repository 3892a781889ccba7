//! Somebody's device: it connects, writes, reads, falls silent, breaks off and comes back.

use std::{cell::RefCell, collections::BTreeMap, pin::Pin, rc::Rc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::DuplexStream,
    task::JoinHandle,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};
use vikrahub_messaging::{
    commands::{Command, DeleteMessage, EditMessage, StartConversation},
    domain::{MessageId, MessageText, UserId},
};

use crate::{
    book::{Book, Reading, int, str},
    chance::Chance,
    line::Line,
    plant::Plant,
    truth::Truth,
    world::{Acked, PEOPLE, Phase, World},
};

/// So many sends may be without an answer.
const WINDOW: usize = 8;

/// Between two looks at what is overdue.
const TICK: Duration = Duration::from_millis(500);

type Socket = WebSocketStream<DuplexStream>;

/// The server's end has gone, or the client's has.
struct Broken;

/// A running device, as the world sees it.
pub struct Device {
    name: String,
    user: i64,
    counts: bool,
    state: Rc<RefCell<State>>,
    task: JoinHandle<()>,
}

/// What a device knows, and what it still has to say.
#[derive(Default)]
struct State {
    book: Book,
    /// Messages without an acknowledgement, in their order, with the time to send them again.
    unacked: BTreeMap<u64, Unacked>,
    is_connected: bool,
    /// What was missed is being told.
    is_resuming: bool,
    must_resume: bool,
    resume_at: Option<Instant>,
}

struct Unacked {
    client_id: String,
    to: i64,
    send_at: Option<Instant>,
    is_sent: bool,
}

/// What runs.
struct Run {
    name: String,
    user: i64,
    /// Whether it reads `rev`; if not, it is a page that knows four events.
    counts: bool,
    /// Whether it only looks.
    is_witness: bool,
    world: Rc<World>,
    chance: Chance,
    state: Rc<RefCell<State>>,
    line: Line,
    sent: u64,
}

impl Device {
    pub fn start(
        world: &Rc<World>,
        seed: u64,
        person: usize,
        number: &str,
        chance: &mut Chance,
    ) -> Self {
        let name = format!("{}-{number}", PEOPLE[person - 1]);
        let (user, is_witness) = (i64::try_from(person).unwrap(), number == "witness");
        let counts = is_witness || !chance.one_in(3);
        let state = Rc::<RefCell<State>>::default();
        let mut run = Run {
            chance: Chance::of(seed, &name),
            name: name.clone(),
            user,
            counts,
            is_witness,
            world: world.clone(),
            state: state.clone(),
            line: Line::default(),
            sent: 0,
        };
        let task = actix::spawn(async move { run.live().await });
        Self { name, user, counts, state, task }
    }

    /// What it lacks in the end.
    pub fn is_behind(&self, truth: &Truth) -> Option<String> {
        let state = self.state.borrow();
        let behind = if !state.is_connected {
            Some("is not connected".to_owned())
        } else if let Some(unacked) = state.unacked.values().next() {
            Some(format!("has no acknowledgement of {}", unacked.client_id))
        } else if state.is_resuming || state.must_resume {
            Some("still waits for what it missed".to_owned())
        } else {
            state.book.differs_from(truth, self.user, self.counts)
        };
        behind.map(|behind| format!("not complete in time: {} {behind}", self.name))
    }

    pub fn stop(self) {
        self.task.abort();
    }
}

impl Run {
    async fn live(&mut self) {
        let wait = self.chance.ms(0, 300);
        sleep(wait).await;
        loop {
            if let Some(socket) = self.connect().await {
                self.world.journal.borrow_mut().connections += 1;
                self.stay(socket).await;
                self.state.borrow_mut().is_connected = false;
                self.note(|| "is no longer connected".to_owned());
            }
            let wait = self.chance.ms(50, 700);
            sleep(wait).await;
        }
    }

    fn note(&self, line: impl FnOnce() -> String) {
        self.world.trace.note(|| format!("{}: {}", self.name, line()));
    }

    fn breaks(&self, what: &str) {
        self.note(|| format!("!! {what}"));
        self.world.journal.borrow_mut().broken.push(format!("{}: {what}", self.name));
    }

    fn some_node(&mut self) -> usize {
        usize::try_from(self.chance.below(self.world.nodes.len() as u64)).unwrap()
    }

    async fn connect(&mut self) -> Option<Socket> {
        let node = self.some_node();
        self.note(|| format!("connects to node {node}"));
        let node = &self.world.nodes[node];
        let version = if self.counts { "&v=2" } else { "" };
        let token = node.token(UserId(self.user));
        let url = format!("ws://simulation/ws/chat/?token={token}{version}");
        // Buffers of the usual size would take most of the time.
        let small = WebSocketConfig::default().read_buffer_size(4_096).write_buffer_size(0);
        let handshake = client_async_with_config(url, node.connect(), Some(small));
        let opened = timeout(Duration::from_secs(5), handshake).await.ok()?;
        let (socket, _answer) = opened.ok()?;
        Some(socket)
    }

    async fn stay(&mut self, mut socket: Socket) {
        self.line = Line::default();
        {
            let mut state = self.state.borrow_mut();
            if !self.counts {
                // A page that comes back loads everything again.
                state.book = Book::default();
            }
            (state.is_resuming, state.must_resume, state.resume_at) = (false, true, None);
            for unacked in state.unacked.values_mut() {
                unacked.send_at = Some(Instant::now());
            }
        }
        let mut act_at = Instant::now() + self.chance.ms(0, 400);
        let mut tick_at = Instant::now() + TICK;
        loop {
            let is_acting = self.world.phase.get() == Phase::Trouble && !self.is_witness;
            let step = async {
                tokio::select! {
                    biased;
                    frame = socket.next() => match frame {
                        Some(Ok(Message::Text(text))) => self.hears(&text),
                        Some(Ok(Message::Close(why))) => {
                            let code = why.map_or(0, |why| u16::from(why.code));
                            if !matches!(code, 1012 | 1013 | 4008) {
                                self.breaks(&format!("was closed with {code}"));
                            }
                            return Err(Broken);
                        }
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => return Err(Broken),
                    },
                    () = sleep_until(act_at), if is_acting => {
                        self.act(&mut socket).await?;
                        act_at = Instant::now() + self.chance.ms(20, 500);
                    }
                    () = sleep_until(tick_at) => {
                        tick_at = Instant::now() + TICK;
                        if let Some(overdue) = self.line.overdue() {
                            self.breaks(&overdue);
                            return Err(Broken);
                        }
                    }
                }
                self.say_what_is_due(&mut socket).await
            };
            let step: Pin<Box<dyn Future<Output = Result<(), Broken>>>> = Box::pin(step);
            if step.await.is_err() {
                return;
            }
        }
    }

    async fn say(&self, socket: &mut Socket, frame: Value) -> Result<(), Broken> {
        let sending = socket.send(Message::text(frame.to_string()));
        match timeout(Duration::from_secs(2), sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Broken),
        }
    }

    /// Sends and resumes whatever it is time for.
    async fn say_what_is_due(&mut self, socket: &mut Socket) -> Result<(), Broken> {
        if !self.state.borrow().is_connected {
            return Ok(());
        }
        let now = Instant::now();
        let resume = {
            let mut state = self.state.borrow_mut();
            let is_due = state.must_resume
                && !state.is_resuming
                && state.resume_at.is_none_or(|resume_at| resume_at <= now);
            if is_due {
                (state.must_resume, state.is_resuming) = (false, true);
            }
            let book = &state.book;
            is_due
                .then(|| json!({"type": "resume", "cursors": book.cursors(), "epoch": &book.epoch}))
        };
        if let Some(resume) = resume {
            self.note(|| "resumes".to_owned());
            self.say(socket, resume).await?;
        }
        let mut due = vec![];
        let room = WINDOW.saturating_sub(self.line.waiting());
        for unacked in self.state.borrow_mut().unacked.values_mut() {
            if due.len() < room && unacked.send_at.is_some_and(|send_at| send_at <= now) {
                unacked.send_at = None;
                let is_repeat = std::mem::replace(&mut unacked.is_sent, true);
                due.push((unacked.client_id.clone(), unacked.to, is_repeat));
            }
        }
        for (client_id, to, is_repeat) in due {
            self.note(|| format!("sends {client_id}"));
            self.line.sent(&client_id, is_repeat);
            let frame = json!({
                "type": "message", "recipient_id": to, "text": client_id, "client_id": client_id,
            });
            self.say(socket, frame).await?;
        }
        Ok(())
    }

    fn hears(&mut self, text: &str) {
        self.world.journal.borrow_mut().events += 1;
        if self.is_lost(text) {
            return;
        }
        self.crosses(text);
        let wrong = {
            let mut crossed = self.world.crossed.borrow_mut();
            crossed.take_if(|(user, _)| *user != self.user)
        };
        if let Some((_, wrong)) = wrong {
            self.takes(&serde_json::from_str(&wrong).unwrap());
        }
        self.takes(&serde_json::from_str(text).unwrap());
    }

    /// Whether a planted fault swallows it.
    fn is_lost(&mut self, text: &str) -> bool {
        self.world.plant == Some(Plant::LostEvent)
            && text.contains("\"prev_rev\"")
            && self.chance.one_in(20)
    }

    fn crosses(&mut self, text: &str) {
        if self.world.plant == Some(Plant::CrossedWires)
            && text.contains("\"new_message\"")
            && self.chance.one_in(5)
        {
            *self.world.crossed.borrow_mut() = Some((self.user, text.to_owned()));
        }
    }

    fn takes(&mut self, event: &Value) {
        let kind = str(&event["type"]);
        self.note(|| summary(event));
        match kind {
            "connection_established" => self.state.borrow_mut().is_connected = true,
            "sync" => {
                self.heard_of(event);
                if !self.state.borrow_mut().book.sync(event) {
                    self.breaks(&format!("an answer that leaves something out: {event}"));
                }
            }
            "resumed" => {
                let mut state = self.state.borrow_mut();
                state.book.resumed(event);
                state.is_resuming = false;
                state.must_resume |= event["complete"] != true;
            }
            "error" => self.error(event),
            "conversation_shown" => {
                let mut state = self.state.borrow_mut();
                let id = str(&event["conversation_id"]);
                state.must_resume |= !state.book.conversations.contains_key(id);
            }
            // The page with four events knows this one by its old name, which comes with it.
            "new_message" if !self.counts => {}
            _ if event["rev"].is_i64() => self.changes(kind, event),
            _ => {}
        }
    }

    /// A change in a conversation, told live.
    fn changes(&mut self, kind: &str, event: &Value) {
        self.heard_of(event);
        for broken in self.line.hears(event) {
            self.breaks(&broken);
        }
        if kind == "message_sent" {
            self.acknowledged(event);
        }
        if event["message"].is_object() {
            let message = &event["message"];
            let (seq, text) = (int(&message["seq"]), str(&message["content"]).to_owned());
            let mut journal = self.world.journal.borrow_mut();
            journal.told.insert(str(&message["id"]).to_owned(), (seq, text));
        }
        let is_hole = {
            let mut state = self.state.borrow_mut();
            if self.counts && event["duplicate"] != true {
                let reading = state.book.change(event);
                let is_behind = state.is_resuming || state.must_resume;
                state.must_resume |= reading != Reading::Taken;
                reading == Reading::Hole && !is_behind
            } else if !self.counts {
                state.book.show(event);
                false
            } else {
                false
            }
        };
        if is_hole {
            self.breaks(&format!("a hole after resuming: {}", summary(event)));
        }
    }

    fn heard_of(&self, event: &Value) {
        let id = str(&event["conversation_id"]).to_owned();
        self.world.journal.borrow_mut().heard_of.insert((self.user, id));
    }

    fn acknowledged(&mut self, event: &Value) {
        let Some(client_id) = event["client_id"].as_str() else { return };
        let message = &event["message"];
        self.world.journal.borrow_mut().acked.push(Acked {
            client_id: client_id.to_owned(),
            message: str(&message["id"]).to_owned(),
            seq: int(&message["seq"]),
        });
        self.state.borrow_mut().unacked.retain(|_, unacked| unacked.client_id != client_id);
    }

    fn error(&mut self, event: &Value) {
        let again = event["retry_after"].as_u64();
        let again = again.map(|seconds| Instant::now() + Duration::from_secs(seconds));
        let Some(client_id) = event["client_id"].as_str() else {
            let mut state = self.state.borrow_mut();
            if state.is_resuming && again.is_some() {
                (state.is_resuming, state.must_resume, state.resume_at) = (false, true, again);
            }
            return;
        };
        self.line.refused(client_id);
        if again.is_none() {
            self.breaks(&format!("a send was refused for good: {event}"));
        }
        let mut state = self.state.borrow_mut();
        let refused = state.unacked.values_mut().find(|unacked| unacked.client_id == client_id);
        if let Some(unacked) = refused {
            unacked.send_at = again;
        }
    }

    /// Does something of its own accord.
    async fn act(&mut self, socket: &mut Socket) -> Result<(), Broken> {
        if !self.state.borrow().is_connected {
            return Ok(());
        }
        match self.chance.below(100) {
            0..50 => self.writes(),
            50..60 => {
                if let Some((conversation, _, _)) = self.some_message(false) {
                    let frame = json!({"type": "mark_read", "conversation_id": conversation});
                    self.say(socket, frame).await?;
                }
            }
            60..68 => {
                if let Some((_, message, _)) = self.some_message(false) {
                    let reaction = ["like", "love"][usize::from(self.chance.one_in(2))];
                    let kind = "add_reaction";
                    let frame = json!({"type": kind, "message_id": message, "reaction": reaction});
                    self.say(socket, frame).await?;
                }
            }
            68..77 => {
                if let Some((_, message, text)) = self.some_message(true) {
                    let text = format!("{text}+e");
                    let text = MessageText::parse(&text, 1_000).unwrap();
                    let (editor, message) =
                        (UserId(self.user), MessageId(message.parse().unwrap()));
                    self.commands(Command::EditMessage(EditMessage { editor, message, text }));
                }
            }
            77..84 => {
                let is_own = self.chance.one_in(2);
                if let Some((_, message, _)) = self.some_message(is_own) {
                    let (by, message) = (UserId(self.user), MessageId(message.parse().unwrap()));
                    self.commands(Command::DeleteMessage(DeleteMessage { by, message }));
                }
            }
            84..88 => self.starts_conversation(),
            88..93 => {
                self.note(|| "breaks off".to_owned());
                return Err(Broken);
            }
            _ => self.stalls().await,
        }
        Ok(())
    }

    /// Sends some messages one right after the other.
    fn writes(&mut self) {
        let others: Vec<_> = (1..=3).filter(|user| *user != self.user).collect();
        let to = *self.chance.pick(&others).unwrap();
        for _ in 0..self.chance.between(1, 3) {
            self.sent += 1;
            let client_id = format!("{}.{}", self.name, self.sent);
            let send_at = Some(Instant::now());
            let unacked = Unacked { client_id, to, send_at, is_sent: false };
            self.state.borrow_mut().unacked.insert(self.sent, unacked);
        }
    }

    fn starts_conversation(&mut self) {
        let others: Vec<_> = (1..=3).filter(|user| *user != self.user).collect();
        let (other, user) = (UserId(*self.chance.pick(&others).unwrap()), UserId(self.user));
        let node = self.some_node();
        let services = self.world.nodes[node].services.clone();
        let (trace, name) = (self.world.trace.clone(), self.name.clone());
        actix::spawn(async move {
            let Ok(Some(starter)) = services.storage().person(user).await else { return };
            let start =
                StartConversation { starter, other, initial_message: None, client_id: None };
            let started = services.execute(Command::StartConversation(start), user).await;
            trace.note(|| format!("{name}: a conversation was begun: {}", started.is_ok()));
        });
    }

    /// Has a command carried out as over REST.
    fn commands(&mut self, command: Command) {
        let node = self.some_node();
        let (services, user) = (self.world.nodes[node].services.clone(), UserId(self.user));
        let (trace, name) = (self.world.trace.clone(), self.name.clone());
        actix::spawn(async move {
            let outcome = services.execute(command, user).await;
            trace.note(|| format!("{name}: a command was carried out: {:?}", outcome.err()));
        });
    }

    /// Some message it holds: its conversation, id and text.
    fn some_message(&mut self, is_own: bool) -> Option<(String, String, String)> {
        let state = self.state.borrow();
        let held = state.book.conversations.iter().flat_map(|(conversation, known)| {
            known.messages.iter().map(move |(id, held)| (conversation, id, held))
        });
        let held = held.filter(|(_, _, held)| (held.sender == self.user) == is_own);
        let held: Vec<_> = held.collect();
        let (conversation, id, held) = self.chance.pick(&held)?;
        Some(((*conversation).clone(), (*id).clone(), held.text.clone()))
    }

    /// Takes nothing for a while.
    async fn stalls(&mut self) {
        let time = self.chance.ms(300, 2_000);
        self.note(|| format!("stalls for {time:?}"));
        let begun = Instant::now();
        while begun.elapsed() < time && self.world.phase.get() == Phase::Trouble {
            sleep(Duration::from_millis(100)).await;
        }
        self.line.stalled(begun.elapsed());
    }
}

/// An event without anything that differs from run to run.
fn summary(event: &Value) -> String {
    let kind = str(&event["type"]);
    let text = event["message"]["content"].as_str().unwrap_or_default();
    let numbers = [&event["rev"], &event["prev_rev"], &event["from_rev"], &event["message"]["seq"]];
    let numbers: Vec<_> = numbers.iter().filter_map(|number| number.as_i64()).collect();
    let about = event["code"].as_str().or(event["client_id"].as_str()).unwrap_or_default();
    format!("hears {kind} {text} {numbers:?} {about}")
}
