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
}

/// One event to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Which of the messages.
    pub index: usize,
    pub what: What,
    pub place: Place,
}

/// The steps from what is known (`rev`, and the newest message `seq`) to what is there now. `changed`
/// are all messages changed since, each with its sequence number and the number of its last change.
pub(super) fn steps(rev: Rev, seq: Seq, changed: &[(Seq, Rev)]) -> Vec<Step> {
    let taken: HashSet<_> = changed.iter().map(|(_, rev)| *rev).collect();
    let mut new: Vec<_> = (0..changed.len()).filter(|index| changed[*index].0 > seq).collect();
    new.sort_unstable_by_key(|index| changed[*index].0);

    let mut steps = Vec::with_capacity(changed.len() + new.len());
    let mut sent_as_last_seen = HashSet::new();
    let mut before = Rev(i64::MAX);
    for index in new.into_iter().rev() {
        let last_change = changed[index].1;
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
    steps.extend(changes.map(|index| (changed[index].1, index, What::Changed)));
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

    fn told(rev: i64, seq: i64, changed: &[(i64, i64)]) -> Vec<(i64, What, i64, i64)> {
        let rows: Vec<_> = changed.iter().map(|(seq, rev)| (Seq(*seq), Rev(*rev))).collect();
        steps(Rev(rev), Seq(seq), &rows)
            .into_iter()
            .map(|step| {
                let Place { rev, prev_rev } = step.place;
                (changed[step.index].0, step.what, prev_rev.0, rev.0)
            })
            .collect()
    }

    #[test]
    fn messages_that_were_only_sent_keep_their_numbers() {
        assert_eq!(told(5, 2, &[(3, 6), (4, 7)]), [(3, What::Sent, 5, 6), (4, What::Sent, 6, 7)]);
    }

    #[test]
    fn a_message_edited_after_the_next_one_was_sent_is_still_the_first() {
        assert_eq!(
            told(0, 0, &[(2, 2), (1, 3)]),
            [(1, What::Sent, 0, 1), (2, What::Sent, 1, 2), (1, What::Changed, 2, 3)]
        );
    }

    #[test]
    fn changes_of_known_messages_come_where_they_happened() {
        // 4 sent, 1 edited, 5 sent, 4 edited.
        assert_eq!(
            told(9, 3, &[(1, 11), (5, 12), (4, 13)]),
            [
                (4, What::Sent, 9, 10),
                (1, What::Changed, 10, 11),
                (5, What::Sent, 11, 12),
                (4, What::Changed, 12, 13),
            ]
        );
    }

    #[test]
    fn numbers_that_cannot_be_do_no_harm() {
        assert_eq!(told(9, 0, &[(1, 10), (2, 10), (3, 10)]).len(), 5);
        assert_eq!(told(0, 0, &[]), []);
    }

    /// A conversation as the database keeps it: the last change of each message, by its number.
    fn state(history: &[Option<u8>]) -> Vec<i64> {
        let mut messages: Vec<i64> = vec![];
        for (at, act) in history.iter().enumerate() {
            let rev = i64::try_from(at).expect("short") + 1;
            match act {
                Some(message) if !messages.is_empty() => {
                    let message = usize::from(*message) % messages.len();
                    messages[message] = rev;
                }
                Some(_) | None => messages.push(rev),
            }
        }
        messages
    }

    proptest! {
        /// Whatever happened, and from wherever it is told: in the order of sending, numbers rise up
        /// to the newest, and whoever stops half-way has missed nothing below the last he heard.
        #[test]
        fn the_order_is_right_for_all_clients(
            history in prop::collection::vec(prop::option::of(any::<u8>()), 1..40),
            known in 0..40_usize,
        ) {
            let known = known % history.len();
            let seq = state(&history[..known]).len();
            let now = state(&history);
            let mut changed: Vec<_> = (1..)
                .zip(&now)
                .filter(|(_, rev)| **rev > i64::try_from(known).unwrap())
                .map(|(seq, rev)| (Seq(seq), Rev(*rev)))
                .collect();
            changed.sort_by_key(|(_, rev)| *rev);

            let known = Rev(i64::try_from(known).unwrap());
            let steps = steps(known, Seq(i64::try_from(seq).unwrap()), &changed);

            let mut last = known;
            for (at, step) in steps.iter().enumerate() {
                prop_assert_eq!(step.place.prev_rev, last);
                prop_assert!(step.place.rev > last);
                last = step.place.rev;
                let told: HashSet<_> = steps[..=at].iter().map(|step| step.index).collect();
                for (index, (_, rev)) in changed.iter().enumerate() {
                    prop_assert!(told.contains(&index) || *rev > last);
                }
            }
            prop_assert_eq!(last, Rev(i64::try_from(history.len()).unwrap()));
            let sent: Vec<_> = steps
                .iter()
                .filter(|step| step.what == What::Sent)
                .map(|step| changed[step.index].0.0)
                .collect();
            let expected: Vec<_> = (seq + 1..=now.len()).map(|seq| i64::try_from(seq).unwrap()).collect();
            prop_assert_eq!(sent, expected);
        }
    }
}
