//! Somebody's device: it connects, writes, reads, falls silent, breaks off and comes back.

mod acting;
mod hearing;

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
use vikrahub_messaging::domain::UserId;

use crate::{
    book::Book,
    chance::Chance,
    line::Line,
    truth::Truth,
    world::{PEOPLE, Phase, World},
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
}
