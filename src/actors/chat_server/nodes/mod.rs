//! The chat server among the servers of its database: it tells the others what was committed here,
//! and tells its own people what was committed there.

mod catch_up;
mod elsewhere;
mod heard;
mod notices;
mod positions;
mod sweep;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use actix::{Context, Handler, Message};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

pub(in crate::actors) use elsewhere::Elsewhere;
use notices::Notices;
pub use notices::WINDOW as NOTICES_WINDOW;
pub use positions::BaseState;
use positions::{Order, Positions, Turn};
pub use sweep::POSITIONS_MAX;

use super::ChatServer;
use crate::{
    cluster::{Bus, Heard, News},
    commands::{self, Asker, Outcome},
    domain::{ConversationId, NotificationId, Progress, Seq, Standing, UserId},
    protocol::CloseCode,
};

/// What was heard is handed on in groups of at most this many.
const HEARD_AT_ONCE: usize = 256;

/// What a server that is not alone keeps in mind.
#[derive(Debug)]
pub(super) struct Nodes {
    pub bus: Arc<dyn Bus>,
    lane: Lane,
    positions: Positions,
    notices: Notices,
    /// Conversations to be read as soon as the current message is handled.
    ordered: BTreeSet<ConversationId>,
    /// Orders that wait for others to be done; one per conversation at most.
    waiting: VecDeque<Order>,
    reads_under_way: usize,
    lookups_under_way: usize,
    /// People to look for new notifications of, likewise.
    noticed: BTreeSet<UserId>,
    is_sweeping: bool,
    /// Something may have been missed since the sweep began.
    must_sweep: bool,
}

/// Bounds how many connections to the database these reads take: most are for requests.
#[derive(Clone, Debug)]
struct Lane(Arc<Semaphore>);

impl Lane {
    /// Resolves when it is one's turn; it ends when the value goes.
    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.0.clone().acquire_owned().await.ok()
    }
}

/// Something was heard from other servers.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct HeardFromOthers(pub Vec<Heard>);

/// How far the conversations of somebody have come who has just connected.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Base {
    pub user: UserId,
    pub positions: Vec<Standing>,
    pub state: BaseState,
}

/// The newest notifications of somebody who is about to listen for more.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct NoticesBase {
    pub user: UserId,
    pub known: Vec<NotificationId>,
}

/// Deliveries that were noted here are in the database now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct DeliveriesWritten(pub Vec<(ConversationId, UserId)>);

/// Hands on what is heard until the bus or the chat server is gone.
pub async fn hand_on(mut heard: mpsc::Receiver<Heard>, chat_server: actix::Addr<ChatServer>) {
    loop {
        let mut group = Vec::with_capacity(HEARD_AT_ONCE);
        if heard.recv_many(&mut group, HEARD_AT_ONCE).await == 0
            || chat_server.send(HeardFromOthers(group)).await.is_err()
        {
            return;
        }
    }
}

impl Nodes {
    pub fn new(bus: Arc<dyn Bus>, connections: usize) -> Self {
        Self {
            bus,
            lane: Lane(Arc::new(Semaphore::new(connections))),
            positions: Positions::default(),
            notices: Notices::default(),
            ordered: BTreeSet::new(),
            waiting: VecDeque::new(),
            reads_under_way: 0,
            lookups_under_way: 0,
            noticed: BTreeSet::new(),
            is_sweeping: false,
            must_sweep: false,
        }
    }

    /// Somebody has opened his first connection here.
    pub fn arrived(&mut self, user: UserId) {
        self.positions.enter(user);
        self.bus.arrive(user);
    }

    /// Whether it has to be found out from where on somebody is told, although he was here before.
    pub fn has_lost_its_base(&mut self, user: UserId) -> bool {
        self.positions.enter_again(user)
    }

    /// Somebody is not connected here any more.
    pub fn left(&mut self, user: UserId) {
        self.positions.exit(user);
        self.notices.exit(user);
        self.bus.depart(user);
    }

    /// Somebody does not listen for notifications any more.
    pub fn stopped_listening(&mut self, user: UserId) {
        self.notices.exit(user);
    }

    /// Whether somebody who listens for notifications has not been told of this one.
    pub fn is_untold(&mut self, user: UserId, id: NotificationId) -> bool {
        !self.notices.listens(user) || self.notices.is_new(user, id)
    }

    /// A message has reached somebody, and its sender is told.
    pub fn delivered(&mut self, conversation: ConversationId, user: UserId, seq: Seq) {
        let progress = Progress { user, read: 0, delivered: seq.0, read_at: None };
        self.positions.progressed(conversation, progress);
    }
}

impl ChatServer {
    /// Whether what was committed here may be told now. If not, it is told from the database, with
    /// what other servers have committed before it.
    pub(super) fn is_in_turn(&mut self, outcome: &Outcome) -> bool {
        let Some(nodes) = &mut self.nodes else { return true };
        if let Outcome::MarkedRead(marked) = outcome {
            let (user, read) = (marked.reader.id, marked.read_seq.0);
            let progress = Progress { user, read, delivered: read, read_at: Some(marked.at) };
            nodes.positions.progressed(marked.conversation, progress);
        }
        let turn = match outcome.change() {
            Some(change) => {
                let turn = nodes.positions.committed(&change);
                if turn == Turn::Later {
                    nodes.ordered.insert(change.conversation);
                }
                turn
            }
            None => Turn::Now,
        };
        turn == Turn::Now
    }

    /// Tells the other servers.
    pub(super) fn announce(&mut self, outcome: &Outcome, asker: &Asker) {
        let Some(nodes) = &self.nodes else { return };
        for (user, news) in outcome.news(asker) {
            nodes.bus.publish(user, &news);
        }
    }

    /// Tells the other servers that somebody types, or does not.
    pub(super) fn announce_typing(
        &self,
        by: UserId,
        to: UserId,
        conversation: ConversationId,
        is_typing: bool,
    ) {
        if let Some(nodes) = &self.nodes {
            nodes.bus.publish(to, &News::Typing { conversation, by, is_typing });
        }
    }
}

impl Handler<DeliveriesWritten> for ChatServer {
    type Result = ();

    fn handle(&mut self, DeliveriesWritten(written): DeliveriesWritten, _ctx: &mut Context<Self>) {
        let Some(nodes) = &self.nodes else { return };
        for (conversation, user) in written {
            let Some(position) = nodes.positions.get(conversation) else { continue };
            for member in position.members.iter().filter(|member| member.user != user) {
                nodes.bus.publish(member.user, &News::Receipts { conversation });
            }
        }
    }
}

impl Handler<Base> for ChatServer {
    type Result = ();

    fn handle(&mut self, base: Base, ctx: &mut Context<Self>) {
        let Base { user, mut positions, state } = base;
        if state == BaseState::Missing {
            // From where on should he be told? He has to come back, and load what he missed.
            let connections: Vec<_> = self.registry.of(user).map(|it| it.id).collect();
            for id in connections {
                self.drop_connection(id, CloseCode::Overloaded, ctx);
            }
        }
        let Some(nodes) = &mut self.nodes else { return };
        // Others of the conversation may not have heard yet what this one finds in the history.
        let (mut ahead, mut begun) = (vec![], vec![]);
        for found in &mut positions {
            match nodes.positions.get(found.conversation) {
                Some(known) if known.rev >= found.rev => continue,
                Some(_) => {}
                // Begun on another server, and lost on the way: to them all of it is new.
                None if nodes.positions.is_new_to_somebody(&found.member_ids()) => {
                    if found.rev.0 == 0 {
                        begun.push(found.clone());
                    }
                    found.rewind();
                }
                None => continue,
            }
            ahead.push(found.conversation);
        }
        let heard_of = nodes.positions.found(user, positions, state);
        nodes.ordered.extend(ahead.into_iter().chain(heard_of));
        for position in begun {
            commands::tell_begun(&position, self);
        }
        self.finish(ctx);
    }
}

impl Handler<NoticesBase> for ChatServer {
    type Result = ();

    fn handle(&mut self, base: NoticesBase, _ctx: &mut Context<Self>) {
        let listens = self.listens_for_notices(base.user);
        if let Some(nodes) = &mut self.nodes
            && listens
        {
            nodes.notices.enter(base.user, &base.known);
        }
    }
}
