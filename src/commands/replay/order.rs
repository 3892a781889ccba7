//! In which order changes read from the database are told, and under which numbers.
//!
//! The database keeps each message once, in its newest state, under the number of its last change. A
//! message that was sent and then edited has lost the number it was sent under; but clients that know
//! nothing of numbers must still get messages in the order they were sent. So a number is found for
//! it: one that is not any other message's last change, after what was told before, and before the
//! messages sent later. The number it was sent under is such a one, so there always is one.

use std::collections::HashSet;

use crate::domain::{Rev, Seq};

/// The numbers of one event: what its conversation has come to with it, and had come to before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub rev: Rev,
    pub prev_rev: Rev,
}

impl Place {
    /// The place of the only change with this number.
    pub fn of(rev: Rev) -> Self {
        Self { rev, prev_rev: Rev(rev.0 - 1) }
    }
}

/// What there is to tell of a changed message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It was sent.
    Sent,
    /// It was changed; the newest of its changes.
    Changed,
    /// A member has deleted it for himself.
    Hidden,
}

/// One event to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Which of the messages, or of those somebody has deleted for himself.
    pub index: usize,
    pub what: What,
    pub place: Place,
}

/// A message that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub seq: Seq,
    /// Of its last change.
    pub rev: Rev,
    /// If it is new besides, only its end is told.
    pub is_deleted: bool,
}

/// The steps from what is known (`rev`, and the newest message `seq`) to what is there now. `changed`
/// are all messages changed since, `hidden` the numbers under which members have deleted some for
/// themselves.
pub(super) fn steps(rev: Rev, seq: Seq, changed: &[Changed], hidden: &[Rev]) -> Vec<Step> {
    let taken = changed.iter().map(|message| message.rev).chain(hidden.iter().copied());
    let taken: HashSet<_> = taken.collect();
    let is_told = |message: &Changed| message.seq > seq && !message.is_deleted;
    let mut new: Vec<_> = (0..changed.len()).filter(|index| is_told(&changed[*index])).collect();
    new.sort_unstable_by_key(|index| changed[*index].seq);

    let mut steps = Vec::with_capacity(changed.len() + new.len());
    let mut sent_as_last_seen = HashSet::new();
    let mut before = Rev(i64::MAX);
    for index in new.into_iter().rev() {
        let last_change = changed[index].rev;
        let mut sent = Rev(last_change.0.min(before.0 - 1));
        while sent != last_change && sent > rev && taken.contains(&sent) {
            sent = Rev(sent.0 - 1);
        }
        if sent == last_change {
            sent_as_last_seen.insert(index);
        }
        before = sent;
        steps.push((sent, index, What::Sent));
    }
    let changes = (0..changed.len()).filter(|index| !sent_as_last_seen.contains(index));
    steps.extend(changes.map(|index| (changed[index].rev, index, What::Changed)));
    steps.extend(hidden.iter().enumerate().map(|(index, rev)| (*rev, index, What::Hidden)));
    steps.sort_by_key(|(at, _, _)| *at);

    let mut prev_rev = rev;
    let in_order = steps.into_iter().map(|(rev, index, what)| {
        let place = Place { rev, prev_rev };
        prev_rev = rev;
        Step { index, what, place }
    });
    in_order.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(seq: i64, rev: i64) -> Changed {
        Changed { seq: Seq(seq), rev: Rev(rev), is_deleted: false }
    }

    fn told(rev: i64, seq: i64, changed: &[Changed]) -> Vec<(i64, What, i64, i64)> {
        steps(Rev(rev), Seq(seq), changed, &[])
            .into_iter()
            .map(|step| {
                let Place { rev, prev_rev } = step.place;
                (changed[step.index].seq.0, step.what, prev_rev.0, rev.0)
            })
            .collect()
    }

    #[test]
    fn messages_that_were_only_sent_keep_their_numbers() {
        assert_eq!(
            told(5, 2, &[sent(3, 6), sent(4, 7)]),
            [(3, What::Sent, 5, 6), (4, What::Sent, 6, 7)]
        );
    }

    #[test]
    fn a_message_edited_after_the_next_one_was_sent_is_still_the_first() {
        assert_eq!(
            told(0, 0, &[sent(2, 2), sent(1, 3)]),
            [(1, What::Sent, 0, 1), (2, What::Sent, 1, 2), (1, What::Changed, 2, 3)]
        );
    }

    #[test]
    fn changes_of_known_messages_come_where_they_happened() {
        // 4 sent, 1 edited, 5 sent, 4 edited.
        assert_eq!(
            told(9, 3, &[sent(1, 11), sent(5, 12), sent(4, 13)]),
            [
                (4, What::Sent, 9, 10),
                (1, What::Changed, 10, 11),
                (5, What::Sent, 11, 12),
                (4, What::Changed, 12, 13),
            ]
        );
    }

    #[test]
    fn of_a_new_message_that_is_deleted_only_the_end_is_told() {
        let deleted = Changed { is_deleted: true, ..sent(1, 3) };

        assert_eq!(
            told(0, 0, &[sent(2, 2), deleted]),
            [(2, What::Sent, 0, 2), (1, What::Changed, 2, 3)]
        );
    }

    #[test]
    fn numbers_that_cannot_be_do_no_harm() {
        assert_eq!(told(9, 0, &[sent(1, 10), sent(2, 10), sent(3, 10)]).len(), 5);
        assert_eq!(told(0, 0, &[]), []);
    }

    /// What happens to a conversation.
    #[derive(Clone, Copy, Debug)]
    enum Act {
        Send,
        Change(u8),
        Delete(u8),
        /// Somebody deletes something for himself.
        Hide,
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            2 => Just(Act::Send),
            2 => any::<u8>().prop_map(Act::Change),
            1 => any::<u8>().prop_map(Act::Delete),
            1 => Just(Act::Hide),
        ]
    }

    /// A conversation as the database keeps it; what was done to a deleted message is a send instead.
    fn state(history: &[Act]) -> Vec<Changed> {
        let mut messages: Vec<Changed> = vec![];
        for (rev, act) in (1..).zip(history) {
            let count = messages.len();
            let target = |message: u8| {
                let message = (count > 0).then(|| usize::from(message) % count);
                message.filter(|message| !messages[*message].is_deleted)
            };
            let (target, is_deleted) = match act {
                Act::Send => (None, false),
                Act::Change(message) => (target(*message), false),
                Act::Delete(message) => (target(*message), true),
                Act::Hide => continue,
            };
            match target {
                Some(target) => {
                    messages[target].rev = Rev(rev);
                    messages[target].is_deleted = is_deleted;
                }
                None => messages.push(sent(i64::try_from(count).unwrap() + 1, rev)),
            }
        }
        messages
    }

    proptest! {
        /// Whatever happened, and from wherever it is told: messages come in the order they were sent,
        /// numbers rise without a hole up to the newest, and whoever stops half-way has missed nothing
        /// below the last number he heard.
        #[test]
        fn the_order_is_right_for_all_clients(
            history in prop::collection::vec(act(), 1..40),
            known in 0..40_usize,
        ) {
            let known = known % history.len();
            let seq = Seq(i64::try_from(state(&history[..known]).len()).unwrap());
            let known = Rev(i64::try_from(known).unwrap());
            let now = state(&history);
            let mut changed = now.clone();
            changed.retain(|message| message.rev > known);
            changed.sort_by_key(|message| message.rev);

            let hidden: Vec<_> = (1..)
                .zip(&history)
                .filter(|(rev, act)| matches!(act, Act::Hide) && *rev > known.0)
                .map(|(rev, _)| Rev(rev))
                .collect();

            let steps = steps(known, seq, &changed, &hidden);

            let mut last = known;
            for (at, step) in steps.iter().enumerate() {
                prop_assert_eq!(step.place.prev_rev, last);
                prop_assert!(step.place.rev > last);
                last = step.place.rev;
                let told: HashSet<_> = steps[..=at]
                    .iter()
                    .filter(|step| step.what != What::Hidden)
                    .map(|step| step.index)
                    .collect();
                for (index, message) in changed.iter().enumerate() {
                    prop_assert!(told.contains(&index) || message.rev > last);
                }
                for (index, rev) in hidden.iter().enumerate() {
                    let is_told = steps[..=at]
                        .iter()
                        .any(|step| step.what == What::Hidden && step.index == index);
                    prop_assert_eq!(is_told, *rev <= last);
                }
            }
            prop_assert_eq!(last, Rev(i64::try_from(history.len()).unwrap()));
            let told: Vec<_> = steps
                .iter()
                .filter(|step| step.what == What::Sent)
                .map(|step| changed[step.index].seq)
                .collect();
            let expected: Vec<_> = now
                .iter()
                .filter(|message| message.seq > seq && !message.is_deleted)
                .map(|message| message.seq)
                .collect();
            prop_assert_eq!(told, expected);
        }
    }
}
