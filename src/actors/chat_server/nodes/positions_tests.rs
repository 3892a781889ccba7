//! What is told at once, what waits for the database, and what is remembered.

use uuid::Uuid;

use super::*;

const NADIA: UserId = UserId(1);
const OMAR: UserId = UserId(2);
const HERE: ConversationId = ConversationId(Uuid::from_u128(1));

fn change(rev: i64) -> Change {
    Change {
        conversation: HERE,
        rev: Rev(rev),
        new_seq: Some(Seq(rev)),
        author: Some(NADIA),
        members: vec![NADIA, OMAR],
        reactor: None,
    }
}

fn position(rev: i64) -> Standing {
    let progress = |user| Progress { user, read: 0, delivered: 0, read_at: None };
    Standing {
        conversation: HERE,
        rev: Rev(rev),
        seq: Seq(rev),
        members: vec![progress(NADIA), progress(OMAR)],
    }
}

fn with_nadia(positions: Vec<Standing>, state: BaseState) -> Positions {
    let mut known = Positions::default();
    known.enter(NADIA);
    known.found(NADIA, positions, state);
    known
}

#[test]
fn the_next_change_is_told_at_once() {
    let mut positions = with_nadia(vec![position(5)], BaseState::Complete);

    assert_eq!(positions.committed(&change(6)), Turn::Now);
    assert_eq!(positions.committed(&change(7)), Turn::Now);
    assert_eq!(positions.committed(&change(7)), Turn::Told);
}

#[test]
fn a_change_after_a_gap_waits_for_the_database() {
    let mut positions = with_nadia(vec![position(5)], BaseState::Complete);

    assert_eq!(positions.committed(&change(7)), Turn::Later);
    let order = positions.order(HERE).expect("an order");
    assert_eq!(order.known.rev, Rev(5));
    // Even the next one, while it is being read.
    assert_eq!(positions.committed(&change(8)), Turn::Later);
    assert!(positions.order(HERE).is_none());
    assert!(positions.reached(HERE, (Rev(7), Seq(7)), &[]));
    assert_eq!(positions.committed(&change(7)), Turn::Told);
    assert_eq!(positions.order(HERE).expect("an order").known.rev, Rev(7));
}

#[test]
fn an_invented_number_is_read_once_and_forgotten() {
    let mut positions = with_nadia(vec![position(5)], BaseState::Complete);

    assert!(positions.announced(HERE, Rev(i64::MAX), None));
    positions.order(HERE).expect("an order");
    assert!(!positions.reached(HERE, (Rev(5), Seq(5)), &[]));
    assert_eq!(positions.committed(&change(6)), Turn::Now);
}

#[test]
fn a_conversation_nobody_knew_is_new_unless_there_may_be_more() {
    let mut complete = with_nadia(vec![], BaseState::Complete);
    assert_eq!(complete.committed(&change(1)), Turn::Now);
    let mut missed_the_first = with_nadia(vec![], BaseState::Complete);
    assert_eq!(missed_the_first.committed(&change(2)), Turn::Later);
    for state in [BaseState::Partial, BaseState::Pending] {
        let mut partial = with_nadia(vec![], state);
        assert_eq!(partial.committed(&change(9)), Turn::Now);
        assert_eq!(partial.committed(&change(11)), Turn::Later);
    }
}

#[test]
fn whoever_comes_second_does_not_make_the_first_miss_anything() {
    let mut positions = with_nadia(vec![position(5)], BaseState::Complete);
    positions.enter(OMAR);
    positions.found(OMAR, vec![position(6)], BaseState::Complete);

    assert_eq!(positions.get(HERE).expect("known").rev, Rev(5));
    positions.exit(NADIA);
    assert!(positions.get(HERE).is_some());
    positions.exit(OMAR);
    assert!(positions.known.is_empty() && positions.people.is_empty());
}

#[test]
fn a_base_that_is_missing_is_read_when_he_comes_again() {
    let mut positions = with_nadia(vec![], BaseState::Missing);

    assert!(!positions.is_new_to_somebody(&[NADIA, OMAR]));
    assert!(positions.enter_again(NADIA));
    assert!(!positions.enter_again(NADIA));
    assert!(!positions.enter_again(OMAR));
    positions.found(NADIA, vec![position(5)], BaseState::Complete);
    assert_eq!(positions.get(HERE).expect("known").rev, Rev(5));
}

#[test]
fn an_order_does_not_stand_for_a_later_visit() {
    let mut positions = with_nadia(vec![position(5)], BaseState::Complete);
    let order = positions.order(HERE).expect("an order");
    positions.exit(NADIA);
    positions.enter(NADIA);
    positions.found(NADIA, vec![position(8)], BaseState::Complete);

    assert!(!positions.stands(HERE, order.number));
}
