//! The regular comparison with the database: it finds what the bus has lost.

use std::time::Duration;

use actix::{AsyncContext, Context, Handler, Message};

use super::ChatServer;
use crate::{
    commands,
    domain::{ConversationId, NotificationId, Rev, Seq, Standing, UserId},
    storage::{Storage, StorageError},
    telemetry::metrics,
};

/// Compared by one statement.
const AT_ONCE: usize = 4_000;

/// Conversations kept in mind for one person: those that changed last.
pub const POSITIONS_MAX: u64 = 5_000;

/// What to compare.
#[derive(Debug)]
struct Known {
    conversations: Vec<(ConversationId, Rev, i64)>,
    people: Vec<(UserId, i64)>,
    listeners: Vec<(UserId, NotificationId)>,
}

/// What the database has and nobody here was told of.
#[derive(Debug, Default)]
struct Missed {
    /// Whether it is more than receipts.
    conversations: Vec<(ConversationId, bool)>,
    /// Conversations of people, new ones among them.
    new: Vec<Standing>,
    listeners: Vec<UserId>,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Swept(Result<Missed, StorageError>);

impl ChatServer {
    /// Compares everything that is known with the database, every now and then and when something
    /// must have been missed.
    pub(in super::super) fn sweep(&mut self, ctx: &mut Context<Self>) {
        let is_empty = self.registry.is_empty();
        let Some(nodes) = &mut self.nodes else { return };
        if nodes.is_sweeping {
            nodes.must_sweep = true;
            return;
        }
        nodes.must_sweep = false;
        #[cfg(feature = "broken-builds")]
        let is_empty = is_empty || crate::broken::is("no-gap-repair");
        if is_empty {
            return;
        }
        nodes.is_sweeping = true;
        let known = Known {
            conversations: nodes.positions.all(),
            people: nodes.positions.counts(),
            listeners: nodes.notices.all(),
        };
        let (storage, chat_server) = (self.storage.clone(), ctx.address());
        let lane = nodes.lane.clone();
        actix::spawn(async move {
            let turn = lane.turn().await;
            let missed = compare(&storage, known).await;
            drop(turn);
            if chat_server.send(Swept(missed)).await.is_err() {
                tracing::debug!("the chat server is gone");
            }
        });
    }

    pub(in super::super) fn sweep_every(interval: Duration, ctx: &mut Context<Self>) {
        ctx.run_interval(interval, Self::sweep);
    }
}

async fn compare(storage: &Storage, known: Known) -> Result<Missed, StorageError> {
    let reader = storage.read_everything().await?;
    let mut missed = Missed::default();
    for some in known.conversations.chunks(AT_ONCE) {
        missed.conversations.extend(reader.standings_behind(some).await?);
    }
    for some in known.people.chunks(AT_ONCE) {
        for user in reader.members_of_more(some).await? {
            missed.new.extend(reader.standings_of(user, POSITIONS_MAX).await?);
        }
    }
    for some in known.listeners.chunks(AT_ONCE) {
        missed.listeners.extend(reader.notified_beyond(some).await?);
    }
    Ok(missed)
}

impl Handler<Swept> for ChatServer {
    type Result = ();

    fn handle(&mut self, Swept(missed): Swept, ctx: &mut Context<Self>) {
        let Some(nodes) = &mut self.nodes else { return };
        nodes.is_sweeping = false;
        let must_sweep = std::mem::take(&mut nodes.must_sweep);
        match missed {
            Ok(missed) => {
                let gaps = missed.conversations.iter().filter(|(_, is_change)| *is_change).count();
                metrics().gaps_repaired.increment(gaps as u64);
                nodes.ordered.extend(missed.conversations.iter().map(|(id, _)| *id));
                for position in missed.new {
                    self.met(position);
                }
                for user in missed.listeners {
                    self.look_for_notices(user);
                }
            }
            Err(error) => tracing::warn!(%error, "could not compare with the database"),
        }
        self.finish(ctx);
        if must_sweep {
            self.sweep(ctx);
        }
    }
}

impl ChatServer {
    /// A conversation that connected people may not know of: if they do not, it is new to them.
    pub(super) fn met(&mut self, position: Standing) {
        let Some(nodes) = &mut self.nodes else { return };
        let conversation = position.conversation;
        let members = position.member_ids();
        let mut begun = None;
        if nodes.positions.get(conversation).is_none() {
            let mut start = position;
            if nodes.positions.is_new_to_somebody(&members) {
                if start.rev.0 == 0 {
                    begun = Some(start.clone());
                }
                start.rewind();
            } else {
                // One of very many: what has just changed is told, most likely a message.
                (start.rev, start.seq) = (Rev(start.rev.0 - 1), Seq(start.seq.0 - 1));
            }
            nodes.positions.meet(start);
            nodes.ordered.insert(conversation);
        } else {
            // One of them knows it: the other one does too, from now on.
            nodes.positions.meet(position);
        }
        if let Some(begun) = begun {
            commands::tell_begun(&begun, self);
        }
        for (at, one) in members.iter().enumerate() {
            for other in &members[at + 1..] {
                self.presence.acquainted(*one, *other);
            }
        }
    }
}
