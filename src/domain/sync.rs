//! Catching up: which part of which conversation a client is told, and when it has to start afresh.
//!
//! Every change takes one `rev` of its conversation, so the distance between two of them bounds what
//! changed. A part of a conversation is a span of revs and never holds more messages than revs.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Conversation, ConversationId, MessageDetails, MessageId, Rev, Seq};

/// Conversations a client may name, at most: as many as a person's list shows, so that nobody has to
/// leave one out that he would be told of as new.
pub const KNOWN_MAX: usize = 1_000;

/// How far a client has come in the conversations it knows.
pub type KnownRevs = HashMap<ConversationId, Rev>;

/// The identity of a database. A restored backup is another one: numbers taken after the backup are
/// taken again, for other changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch(pub String);

impl Epoch {
    pub fn generate() -> Self {
        Self(Uuid::new_v4().to_string())
    }
}

/// Bounds of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncLimits {
    /// Revs, and messages of fresh starts, that one answer covers.
    pub page: i64,
    /// A client farther behind than this starts afresh.
    pub reset_after: i64,
}

/// How far a conversation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub conversation: ConversationId,
    pub rev: Rev,
    pub last_seq: Seq,
}

/// What a client is told of one conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The changes after `from` up to `to`.
    Changes { from: Rev, to: Rev },
    /// The messages after `above`, as they are at `rev`.
    Afresh { rev: Rev, above: Seq },
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncPlan {
    pub parts: Vec<(ConversationId, Part)>,
    /// Nothing is left for a next answer.
    pub is_complete: bool,
}

/// What a person missed, or the beginning of it.
#[derive(Clone, Debug)]
pub struct Missed {
    pub epoch: Epoch,
    pub conversations: Vec<MissedConversation>,
    /// Conversations the client knows that are not in the person's list: hidden, foreign, missing.
    pub gone: Vec<ConversationId>,
    /// Conversations the client knows in their newest state, but for how far they have been read;
    /// only with a complete answer.
    pub unchanged: Vec<(Conversation, u64)>,
    pub is_complete: bool,
}

/// What a person missed in one conversation.
#[derive(Clone, Debug)]
pub struct MissedConversation {
    pub conversation: Conversation,
    pub part: Part,
    pub messages: Vec<MessageDetails>,
    pub hidden: Vec<MessageId>,
    pub unread: u64,
    /// There may be messages before a fresh start.
    pub has_older: bool,
}

impl MissedConversation {
    /// Whether more changes wait after this part.
    pub fn has_more(&self) -> bool {
        matches!(self.part, Part::Changes { to, .. } if to < self.conversation.rev)
    }
}

/// Messages a client starts with in a conversation it does not know; history has the others.
const NEWEST: i64 = 50;

/// Plans an answer for a client that knows `known`; conversations it does not know are new to it.
pub fn plan_sync(positions: &[Position], known: &KnownRevs, limits: SyncLimits) -> SyncPlan {
    let mut plan = SyncPlan { parts: vec![], is_complete: true };
    let mut room = limits.page;
    for position in positions {
        let Some(part) = part(position, known.get(&position.conversation).copied(), limits) else {
            continue;
        };
        if room == 0 {
            plan.is_complete = false;
            break;
        }
        let part = match part {
            Part::Changes { from, to } if to.0 - from.0 > room => {
                plan.is_complete = false;
                Part::Changes { from, to: Rev(from.0 + room) }
            }
            // Half a fresh start would lose the other half.
            Part::Afresh { .. } if part.cost(position) > room => {
                plan.is_complete = false;
                break;
            }
            Part::Changes { .. } | Part::Afresh { .. } => part,
        };
        room -= part.cost(position);
        plan.parts.push((position.conversation, part));
    }
    plan
}

/// All there is to tell of one conversation; `None` if nothing has changed.
fn part(position: &Position, known: Option<Rev>, limits: SyncLimits) -> Option<Part> {
    let rev = position.rev;
    match known {
        Some(known) if known == rev => None,
        // Ahead of the database: it is not the one the client knew.
        Some(known) if known < rev && rev.0 - known.0 <= limits.reset_after => {
            Some(Part::Changes { from: known, to: rev })
        }
        Some(_) | None => {
            let newest = NEWEST.min(limits.page);
            Some(Part::Afresh { rev, above: Seq((position.last_seq.0 - newest).max(0)) })
        }
    }
}

impl Part {
    /// How much of an answer it takes up: at least one, so that answers end.
    fn cost(self, position: &Position) -> i64 {
        match self {
            Self::Changes { from, to } => to.0 - from.0,
            Self::Afresh { above, .. } => (position.last_seq.0 - above.0).max(1),
        }
    }

    /// How far a client has come that was told this.
    pub fn rev(self) -> Rev {
        match self {
            Self::Changes { to: rev, .. } | Self::Afresh { rev, .. } => rev,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: SyncLimits = SyncLimits { page: 10, reset_after: 25 };

    fn id(number: usize) -> ConversationId {
        ConversationId(Uuid::from_u128(number as u128))
    }

    fn position(number: usize, rev: i64, last_seq: i64) -> Position {
        Position { conversation: id(number), rev: Rev(rev), last_seq: Seq(last_seq) }
    }

    fn plan(positions: &[Position], known: &[(usize, i64)]) -> SyncPlan {
        let known = known.iter().map(|(number, rev)| (id(*number), Rev(*rev))).collect();
        plan_sync(positions, &known, LIMITS)
    }

    #[test]
    fn whoever_knows_everything_is_told_nothing() {
        let told = plan(&[position(1, 7, 5), position(2, 0, 0)], &[(1, 7), (2, 0)]);

        assert_eq!(told, SyncPlan { parts: vec![], is_complete: true });
    }

    #[test]
    fn a_page_ends_where_the_room_ends() {
        let told = plan(&[position(1, 4, 4), position(2, 20, 20)], &[(1, 0), (2, 0)]);

        let first = Part::Changes { from: Rev(0), to: Rev(4) };
        let second = Part::Changes { from: Rev(0), to: Rev(6) };
        assert_eq!(told.parts, [(id(1), first), (id(2), second)]);
        assert!(!told.is_complete);
    }

    #[test]
    fn a_fresh_start_is_for_the_unknown_the_too_far_behind_and_the_ahead() {
        for (known, is_afresh) in [
            (vec![], true),
            (vec![(1, 4)], true),
            (vec![(1, 5)], false),
            (vec![(1, 29)], false),
            (vec![(1, 31)], true),
        ] {
            let told = plan(&[position(1, 30, 30)], &known);

            let part = told.parts[0].1;
            assert_eq!(matches!(part, Part::Afresh { .. }), is_afresh, "{known:?}: {part:?}");
        }
    }

    #[test]
    fn a_fresh_start_is_never_halved() {
        let told = plan(&[position(1, 4, 4), position(2, 30, 30)], &[(1, 0)]);

        assert_eq!(told.parts.len(), 1);
        assert!(!told.is_complete);
    }

    proptest! {
        #[test]
        fn repeated_answers_reach_the_end_and_none_is_too_large(
            conversations in prop::collection::vec((0_i64..60, 0_i64..60, -1_i64..70), 0..20),
        ) {
            let mut known: KnownRevs = conversations.iter().enumerate()
                .filter(|(_, (_, _, known))| *known >= 0)
                .map(|(number, (_, _, known))| (id(number), Rev(*known)))
                .collect();
            let positions: Vec<_> = conversations.iter().enumerate()
                .map(|(number, (rev, seq, _))| position(number, *rev, *seq.min(rev)))
                .collect();

            let mut answers = 0;
            loop {
                let told = plan_sync(&positions, &known, LIMITS);
                let cost: i64 = told.parts.iter().map(|(conversation, part)| {
                    part.cost(positions.iter().find(|p| p.conversation == *conversation).unwrap())
                }).sum();
                prop_assert!(cost <= LIMITS.page);
                for (conversation, part) in &told.parts {
                    known.insert(*conversation, part.rev());
                }
                if told.is_complete {
                    break;
                }
                prop_assert!(!told.parts.is_empty());
                answers += 1;
                prop_assert!(answers < 200);
            }

            for position in &positions {
                prop_assert_eq!(known.get(&position.conversation), Some(&position.rev));
            }
        }
    }
}
