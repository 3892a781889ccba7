//! What a device does of its own accord: write, change, read, begin conversations, and stall.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};
use vikrahub_messaging::{
    commands::{Command, DeleteMessage, EditMessage, StartConversation},
    domain::{MessageId, MessageText, UserId},
};

use super::{Broken, Run, Socket, Unacked};
use crate::world::Phase;

impl Run {
    /// Does something of its own accord.
    pub(super) async fn act(&mut self, socket: &mut Socket) -> Result<(), Broken> {
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
    pub(super) async fn stalls(&mut self) {
        let time = self.chance.ms(300, 2_000);
        self.note(|| format!("stalls for {time:?}"));
        let begun = Instant::now();
        while begun.elapsed() < time && self.world.phase.get() == Phase::Trouble {
            sleep(Duration::from_millis(100)).await;
        }
        self.line.stalled(begun.elapsed());
    }
}
