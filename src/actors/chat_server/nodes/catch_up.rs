//! Reading what has changed in a conversation, and telling it.

use std::time::Duration;

use actix::{AsyncContext, Context, Handler, Message};

use super::{ChatServer, Lane, Order};
use crate::{
    commands::{self, MarkedRead, NewReceipts},
    domain::{ConversationId, Person, Progress, Seq, Standing, clock},
    protocol::CloseCode,
    storage::{Reader, Storage, StorageError, Unheard},
    telemetry::metrics,
};

/// Conversations that may wait for a connection at the same time.
const READS: usize = 8;

/// Unheard told one after the other. Whoever has missed more has to load the conversation again.
const CHANGES_MAX: u64 = 1_000;

/// Pause before a read that failed is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Tries before those concerned have to load everything again.
const TRIES: u32 = 20;

/// What the database says of a conversation.
#[derive(Debug)]
struct Found {
    position: Standing,
    changes: Unheard,
    receipts: Vec<NewReceipts>,
}

/// An order is carried out; `Err` when the database did not answer.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Read {
    order: Order,
    found: Result<Option<Found>, StorageError>,
}

impl ChatServer {
    /// Reads the conversations that were ordered, a few at a time.
    pub(in super::super) fn read_ordered(&mut self, ctx: &mut Context<Self>) {
        let Some(nodes) = &mut self.nodes else { return };
        for conversation in std::mem::take(&mut nodes.ordered) {
            nodes.waiting.extend(nodes.positions.order(conversation));
        }
        while nodes.reads_under_way < READS
            && let Some(order) = nodes.waiting.pop_front()
        {
            if nodes.positions.stands(order.known.conversation, order.number) {
                nodes.reads_under_way += 1;
                read(self.storage.clone(), nodes.lane.clone(), order, ctx);
            }
        }
    }

    /// Tells what was found; returns whether there is more to read.
    fn tell_found(&mut self, conversation: ConversationId, known: &Standing, found: Found) {
        let Found { position, changes, receipts } = found;
        let Some(nodes) = &mut self.nodes else { return };
        let reactors = nodes.positions.reactors(conversation);
        let recipients: Vec<_> = commands::recipients(&changes, known).collect();
        self.now = clock::now();
        let mut reached = (position.rev, position.seq);
        if !changes.messages.is_empty() || !changes.hidden.is_empty() {
            tracing::debug!(%conversation, messages = changes.messages.len(), "told from the database");
            let told = commands::replay(&changes, known, &reactors, self);
            reached = (reached.0.max(told.0), reached.1.max(told.1));
        }
        for receipts in &receipts {
            commands::replay_receipts(receipts, self);
        }
        let Some(nodes) = &mut self.nodes else { return };
        if nodes.positions.reached(conversation, reached, &position.members) {
            nodes.ordered.insert(conversation);
        }
        for user in recipients {
            self.look_for_notices(user);
        }
    }

    /// Nobody can be told what he has missed: he has to connect and load again.
    fn give_up(&mut self, order: &Order, position: Option<&Standing>, ctx: &mut Context<Self>) {
        let conversation = order.known.conversation;
        metrics().gaps_given_up.increment(1);
        tracing::warn!(%conversation, "could not tell what was missed, closing connections");
        let connections: Vec<_> = order
            .known
            .members
            .iter()
            .flat_map(|member| self.registry.of(member.user))
            .map(|connection| connection.id)
            .collect();
        for id in connections {
            self.drop_connection(id, CloseCode::Overloaded, ctx);
        }
        if let Some(nodes) = &mut self.nodes {
            // From here they go on: the rest is in the history they load.
            let position = position.unwrap_or(&order.known);
            nodes.positions.reached(conversation, (position.rev, position.seq), &position.members);
        }
    }
}

fn read(storage: Storage, lane: Lane, order: Order, ctx: &mut Context<ChatServer>) {
    let chat_server = ctx.address();
    actix::spawn(async move {
        let turn = lane.turn().await;
        let found = find(&storage, &order.known).await;
        drop(turn);
        if chat_server.send(Read { order, found }).await.is_err() {
            tracing::debug!("the chat server is gone");
        }
    });
}

async fn find(storage: &Storage, known: &Standing) -> Result<Option<Found>, StorageError> {
    let conversation = known.conversation;
    let reader = storage.read_everything_at_one_moment().await?;
    let Some(position) = reader.standing(conversation).await? else { return Ok(None) };
    let changes = if position.rev > known.rev {
        reader.unheard(conversation, known.rev, CHANGES_MAX).await?
    } else {
        Unheard::default()
    };
    let moved: Vec<_> = position
        .members
        .iter()
        .filter_map(|now| {
            let before = known.members.iter().find(|before| before.user == now.user)?;
            let has_moved = now.read > before.read || now.delivered > before.delivered;
            has_moved.then_some((*before, *now))
        })
        .collect();
    let people = reader.people(moved.iter().map(|(_, now)| now.user)).await?;
    let mut receipts = vec![];
    for (before, now) in moved {
        let Some(member) = people.get(&now.user).cloned() else { continue };
        receipts.push(new_receipts(&reader, known, member, before, now).await?);
    }
    Ok(Some(Found { position, changes, receipts }))
}

async fn new_receipts(
    reader: &Reader,
    known: &Standing,
    member: Person,
    before: Progress,
    now: Progress,
) -> Result<NewReceipts, StorageError> {
    let conversation = known.conversation;
    let read = if now.read > before.read {
        let (after, through) = (Seq(before.read), Seq(now.read));
        let newly_read = reader.received(conversation, member.id, after, through).await?;
        Some(MarkedRead {
            conversation,
            reader: member.clone(),
            asked: None,
            newly_received: vec![],
            members: newly_read.iter().map(|read| read.sender).chain([member.id]).collect(),
            newly_read: newly_read.iter().map(|read| (read.message, read.sender)).collect(),
            read_seq: through,
            at: now.read_at.unwrap_or_else(clock::now),
        })
    } else {
        None
    };
    // Reading implies receiving; and messages that are told only now are told as received.
    let after = before.delivered.max(before.read).max(now.read);
    let through = now.delivered.min(known.seq.0);
    let received = if through > after {
        reader.received(conversation, member.id, Seq(after), Seq(through)).await?
    } else {
        vec![]
    };
    Ok(NewReceipts { member, read, received })
}

impl Handler<Read> for ChatServer {
    type Result = ();

    fn handle(&mut self, Read { order, found }: Read, ctx: &mut Context<Self>) {
        let conversation = order.known.conversation;
        let Some(nodes) = &mut self.nodes else { return };
        nodes.reads_under_way -= 1;
        if nodes.positions.stands(conversation, order.number) {
            match found {
                Ok(Some(found)) if found.changes.is_cut => {
                    self.give_up(&order, Some(&found.position), ctx);
                }
                Ok(Some(found)) => self.tell_found(conversation, &order.known, found),
                // Nobody deletes conversations.
                Ok(None) => self.give_up(&order, None, ctx),
                Err(error) => {
                    let failures = nodes.positions.failed(conversation);
                    tracing::warn!(%conversation, %error, "could not read what has changed");
                    if failures < TRIES {
                        ctx.run_later(PAUSE, move |chat_server, ctx| {
                            chat_server.read_again(&order, ctx);
                        });
                    } else {
                        self.give_up(&order, None, ctx);
                    }
                }
            }
        }
        self.finish(ctx);
    }
}

impl ChatServer {
    fn read_again(&mut self, order: &Order, ctx: &mut Context<Self>) {
        let Some(nodes) = &mut self.nodes else { return };
        nodes.waiting.extend(nodes.positions.repeat(order.known.conversation, order.number));
        self.read_ordered(ctx);
    }
}
