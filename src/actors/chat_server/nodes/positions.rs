//! How far each conversation of the people connected here has been told.
//!
//! What this server commits is told at once only if it is the next change. Anything else means that
//! another server was in between: then the database is read, and everything is told from there.

use std::collections::{BTreeMap, HashSet};

use crate::{
    commands::Change,
    domain::{ConversationId, Progress, Rev, Seq, Standing, UserId},
};

/// Conversations remembered that were heard of before they were known.
const HEARD_OF_MAX: usize = 256;

/// Reactions remembered for a conversation that is about to be read.
const REACTORS_MAX: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Positions {
    known: BTreeMap<ConversationId, Known>,
    people: BTreeMap<UserId, Base>,
    orders_made: u64,
}

/// What one connected person's conversations rest on.
#[derive(Debug, Default)]
struct Base {
    conversations: HashSet<ConversationId>,
    state: BaseState,
    /// What was heard of while they were being read.
    heard_of: HashSet<ConversationId>,
}

/// Whether a conversation that is not known must be a new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BaseState {
    /// They are still being read.
    #[default]
    Pending,
    Complete,
    /// He has more than are kept.
    Partial,
    /// They could not be read: he must not stay connected, and whoever connects next reads them.
    Missing,
}

#[derive(Debug)]
struct Known {
    position: Standing,
    /// How many of its members are connected here.
    listeners: usize,
    /// The number of the order that is under way.
    reading: Option<u64>,
    /// Something has happened since that order was made.
    again: bool,
    failures: u32,
    reactors: BTreeMap<Rev, UserId>,
    /// How far its members have come is not known yet.
    is_guess: bool,
}

/// When something committed here is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Now,
    /// With what comes before it, from the database.
    Later,
    /// It was, from the database.
    Told,
}

/// Read what has changed in a conversation.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub number: u64,
    pub known: Standing,
}

impl Positions {
    /// Somebody has connected; his conversations are being read.
    pub fn enter(&mut self, user: UserId) {
        self.people.entry(user).or_default();
    }

    /// Whether the conversations of somebody who connects again have to be read after all; now they
    /// are.
    pub fn enter_again(&mut self, user: UserId) -> bool {
        let base = self.people.get_mut(&user).filter(|base| base.state == BaseState::Missing);
        base.map(|base| base.state = BaseState::Pending).is_some()
    }

    /// The conversations of somebody who is connected. Those known already have members connected
    /// here, who still have to hear what comes before.
    /// Returns those that something was heard of meanwhile.
    pub fn found(
        &mut self,
        user: UserId,
        positions: Vec<Standing>,
        state: BaseState,
    ) -> HashSet<ConversationId> {
        if !self.people.contains_key(&user) {
            return HashSet::new();
        }
        for position in positions {
            self.meet(position);
        }
        let Some(base) = self.people.get_mut(&user) else { return HashSet::new() };
        base.state = state;
        std::mem::take(&mut base.heard_of)
    }

    /// Something was heard of a conversation of somebody whose conversations are being read.
    pub fn heard_of(&mut self, user: UserId, conversation: ConversationId) {
        if let Some(base) = self.people.get_mut(&user)
            && base.heard_of.len() < HEARD_OF_MAX
        {
            base.heard_of.insert(conversation);
        }
    }

    /// Somebody is not connected any more.
    pub fn exit(&mut self, user: UserId) {
        let base = self.people.remove(&user).unwrap_or_default();
        for conversation in base.conversations {
            let Some(known) = self.known.get_mut(&conversation) else { continue };
            known.listeners -= 1;
            if known.listeners == 0 {
                self.known.remove(&conversation);
            }
        }
    }

    /// Keeps a conversation in mind for those of its members who are connected.
    pub fn meet(&mut self, position: Standing) {
        if let Some(known) = self.known.get_mut(&position.conversation)
            && known.is_guess
        {
            known.is_guess = false;
            known.position.members.clone_from(&position.members);
        }
        self.keep(position, false);
    }

    fn keep(&mut self, position: Standing, is_guess: bool) {
        let conversation = position.conversation;
        let members: Vec<_> = position.members.iter().map(|member| member.user).collect();
        let mut listeners = 0;
        for member in members {
            if let Some(base) = self.people.get_mut(&member)
                && base.conversations.insert(conversation)
            {
                listeners += 1;
            }
        }
        if listeners > 0 {
            let known = self.known.entry(conversation).or_insert_with(|| Known {
                position,
                listeners: 0,
                reading: None,
                again: false,
                failures: 0,
                reactors: BTreeMap::new(),
                is_guess,
            });
            known.listeners += listeners;
        }
    }

    pub fn get(&self, conversation: ConversationId) -> Option<&Standing> {
        self.known.get(&conversation).map(|known| &known.position)
    }

    /// `None` if he is not connected.
    pub fn base_of(&self, user: UserId) -> Option<BaseState> {
        self.people.get(&user).map(|base| base.state)
    }

    /// Something was committed here.
    pub fn committed(&mut self, change: &Change) -> Turn {
        if !self.known.contains_key(&change.conversation)
            && let Some((position, is_guess)) = self.first_position(change)
        {
            self.keep(position, is_guess);
        }
        // Nobody is here to hear of it, or somebody with too many conversations to keep in mind.
        let Some(known) = self.known.get_mut(&change.conversation) else { return Turn::Now };
        if change.rev <= known.position.rev {
            return Turn::Told;
        }
        #[cfg(feature = "broken-builds")]
        if crate::broken::is("no-gap-repair") {
            known.position.rev = Rev(change.rev.0 - 1);
        }
        if known.reading.is_none() && change.rev.0 == known.position.rev.0 + 1 {
            known.position.rev = change.rev;
            if let Some(seq) = change.new_seq {
                known.position.seq = known.position.seq.max(seq);
                known.author_moved(change.author, seq);
            }
            return Turn::Now;
        }
        known.remember(change.rev, change.reactor);
        known.again = true;
        Turn::Later
    }

    /// Where a conversation stood that is heard of for the first time, by a change; and whether its
    /// members' progress is guessed.
    fn first_position(&self, change: &Change) -> Option<(Standing, bool)> {
        let is_new = self.is_new_to_somebody(&change.members);
        let (rev, seq) = if is_new { (0, 0) } else { (change.rev.0 - 1, change.new_seq?.0 - 1) };
        let progress =
            |user: &UserId| Progress { user: *user, read: seq, delivered: seq, read_at: None };
        let position = Standing {
            conversation: change.conversation,
            rev: Rev(rev),
            seq: Seq(seq),
            members: change.members.iter().map(progress).collect(),
        };
        Some((position, !is_new))
    }

    /// Whether a conversation that is not known must have begun since its members have connected: one
    /// of them has had all of his kept in mind.
    pub fn is_new_to_somebody(&self, members: &[UserId]) -> bool {
        members.iter().any(|member| self.base_of(*member) == Some(BaseState::Complete))
    }

    /// Another server says that a conversation has come to `rev`. Whether that is news.
    pub fn announced(
        &mut self,
        conversation: ConversationId,
        rev: Rev,
        reactor: Option<UserId>,
    ) -> bool {
        let Some(known) = self.known.get_mut(&conversation) else { return false };
        let is_news = rev > known.position.rev;
        #[cfg(feature = "broken-builds")]
        if crate::broken::is("no-gap-repair") && is_news {
            // What lies between was lost, and stays lost.
            known.position.rev = Rev(rev.0 - 1);
        }
        if is_news {
            known.remember(rev, reactor);
        }
        is_news
    }

    /// What to read, unless a read is under way: then it is done again.
    pub fn order(&mut self, conversation: ConversationId) -> Option<Order> {
        let known = self.known.get_mut(&conversation)?;
        if known.reading.is_some() {
            known.again = true;
            return None;
        }
        self.orders_made += 1;
        known.reading = Some(self.orders_made);
        known.again = false;
        Some(Order { number: self.orders_made, known: known.position.clone() })
    }

    /// Makes an order that failed anew, as it stands now.
    pub fn repeat(&mut self, conversation: ConversationId, number: u64) -> Option<Order> {
        let known = self.known.get(&conversation)?;
        (known.reading == Some(number)).then(|| Order { number, known: known.position.clone() })
    }

    /// Whether an order still stands; a conversation may have been forgotten meanwhile.
    pub fn stands(&self, conversation: ConversationId, number: u64) -> bool {
        self.known.get(&conversation).is_some_and(|known| known.reading == Some(number))
    }

    /// How often an order that still stands has failed by now.
    pub fn failed(&mut self, conversation: ConversationId) -> u32 {
        let Some(known) = self.known.get_mut(&conversation) else { return 0 };
        known.failures += 1;
        known.failures
    }

    /// Who reacted, as far as was heard.
    pub fn reactors(&mut self, conversation: ConversationId) -> BTreeMap<Rev, UserId> {
        self.known
            .get_mut(&conversation)
            .map(|known| std::mem::take(&mut known.reactors))
            .unwrap_or_default()
    }

    /// A read is done: everything up to here is told. Whether to read again.
    pub fn reached(
        &mut self,
        conversation: ConversationId,
        (rev, seq): (Rev, Seq),
        members: &[Progress],
    ) -> bool {
        let Some(known) = self.known.get_mut(&conversation) else { return false };
        known.position.rev = known.position.rev.max(rev);
        known.position.seq = known.position.seq.max(seq);
        if known.is_guess && !members.is_empty() {
            known.position.members.clear();
            known.is_guess = false;
        }
        for progress in members {
            known.progress(*progress);
        }
        known.reading = None;
        known.failures = 0;
        std::mem::take(&mut known.again)
    }

    /// Somebody has received or read more, and it was told.
    pub fn progressed(&mut self, conversation: ConversationId, progress: Progress) {
        if let Some(known) = self.known.get_mut(&conversation) {
            known.progress(progress);
        }
    }

    /// Everything that is not being read, to be compared with the database.
    pub fn all(&self) -> Vec<(ConversationId, Rev, i64)> {
        let idle = self.known.iter().filter(|(_, known)| known.reading.is_none());
        idle.map(|(id, known)| (*id, known.position.rev, known.position.receipts())).collect()
    }

    /// How many conversations those have of whom all are known.
    pub fn counts(&self) -> Vec<(UserId, i64)> {
        self.people
            .iter()
            .filter(|(_, base)| base.state == BaseState::Complete)
            .map(|(user, base)| {
                (*user, i64::try_from(base.conversations.len()).unwrap_or(i64::MAX))
            })
            .collect()
    }
}

impl Known {
    fn remember(&mut self, rev: Rev, reactor: Option<UserId>) {
        if let Some(reactor) = reactor
            && self.reactors.len() < REACTORS_MAX
        {
            self.reactors.insert(rev, reactor);
        }
    }

    /// An author who had read everything has read his own message too.
    fn author_moved(&mut self, author: Option<UserId>, Seq(seq): Seq) {
        let members = self.position.members.iter_mut();
        for member in members.filter(|member| Some(member.user) == author) {
            for place in [&mut member.read, &mut member.delivered] {
                if *place == seq - 1 {
                    *place = seq;
                }
            }
        }
    }

    /// Receipts only move forward.
    fn progress(&mut self, progress: Progress) {
        let members = &mut self.position.members;
        match members.iter_mut().find(|member| member.user == progress.user) {
            Some(member) => {
                member.read = member.read.max(progress.read);
                member.delivered = member.delivered.max(progress.delivered);
            }
            None => members.push(progress),
        }
    }
}

#[cfg(test)]
#[path = "positions_tests.rs"]
mod tests;
