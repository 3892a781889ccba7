//! What became of every message of one pair.

use anyhow::{Context, Result};
use tokio::time::Instant;

/// The messages of one sender to one receiver, who have never written to each other before.
///
/// So message number `n` must get sequence number `n + 1`, whoever reports it.
#[derive(Debug, Default)]
pub struct Ledger {
    sent: Vec<Sent>,
    acknowledged: usize,
    delivered: usize,
    next_delivery: usize,
    pub duplicated: u64,
    pub out_of_order: u64,
}

#[derive(Debug)]
pub struct Sent {
    pub at: Instant,
    pub acknowledged: Option<Instant>,
    pub delivered: Option<Instant>,
}

impl Ledger {
    /// Notes that the next message goes out and returns its number.
    pub fn send(&mut self, at: Instant) -> usize {
        self.sent.push(Sent { at, acknowledged: None, delivered: None });
        self.sent.len() - 1
    }

    pub fn acknowledge(&mut self, number: usize, seq: u64, now: Instant) -> Result<()> {
        let sent = self.sent.get_mut(number).context("acknowledged, but never sent")?;
        if sent.acknowledged.is_some() {
            self.duplicated += 1;
            return Ok(());
        }
        sent.acknowledged = Some(now);
        self.acknowledged += 1;
        self.out_of_order += u64::from(seq != expected_seq(number));
        Ok(())
    }

    pub fn deliver(&mut self, number: usize, seq: u64, now: Instant) -> Result<()> {
        let sent = self.sent.get_mut(number).context("delivered, but never sent")?;
        if sent.delivered.is_some() {
            self.duplicated += 1;
            return Ok(());
        }
        sent.delivered = Some(now);
        self.delivered += 1;
        let in_order = seq == expected_seq(number) && number == self.next_delivery;
        self.out_of_order += u64::from(!in_order);
        self.next_delivery = number + 1;
        Ok(())
    }

    pub fn unacknowledged(&self) -> usize {
        self.sent.len() - self.acknowledged
    }

    /// Whether every message has been acknowledged and delivered.
    pub fn is_settled(&self) -> bool {
        self.acknowledged == self.sent.len() && self.delivered == self.sent.len()
    }

    pub fn is_flawless(&self) -> bool {
        self.is_settled() && self.duplicated == 0 && self.out_of_order == 0
    }

    pub fn sent(&self) -> &[Sent] {
        &self.sent
    }

    pub fn lost(&self) -> usize {
        let arrived = |sent: &&Sent| sent.acknowledged.is_some() && sent.delivered.is_some();
        self.sent.len() - self.sent.iter().filter(arrived).count()
    }

    /// The sequence number that the conversation must have reached.
    pub fn last_seq(&self) -> Option<u64> {
        self.sent.len().checked_sub(1).map(expected_seq)
    }
}

fn expected_seq(number: usize) -> u64 {
    number as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::Ledger;
    use tokio::time::Instant;

    fn ledger_with(count: usize) -> (Ledger, Instant) {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        for _ in 0..count {
            ledger.send(now);
        }
        (ledger, now)
    }

    #[test]
    fn a_message_is_settled_when_acknowledged_and_delivered() {
        let (mut ledger, now) = ledger_with(1);
        ledger.acknowledge(0, 1, now).unwrap();
        assert!(!ledger.is_settled());
        assert_eq!((ledger.unacknowledged(), ledger.lost()), (0, 1));

        ledger.deliver(0, 1, now).unwrap();

        assert!(ledger.is_settled());
        assert_eq!((ledger.lost(), ledger.out_of_order, ledger.duplicated), (0, 0, 0));
    }

    #[test]
    fn a_second_delivery_is_a_duplicate() {
        let (mut ledger, now) = ledger_with(1);
        ledger.deliver(0, 1, now).unwrap();

        ledger.deliver(0, 1, now).unwrap();

        assert_eq!(ledger.duplicated, 1);
    }

    #[test]
    fn deliveries_out_of_order_are_counted() {
        let (mut ledger, now) = ledger_with(2);
        ledger.deliver(1, 2, now).unwrap();
        ledger.deliver(0, 1, now).unwrap();

        assert_eq!(ledger.out_of_order, 2);
    }

    #[test]
    fn a_wrong_sequence_number_is_out_of_order() {
        let (mut ledger, now) = ledger_with(1);

        ledger.acknowledge(0, 2, now).unwrap();

        assert_eq!(ledger.out_of_order, 1);
    }

    #[test]
    fn an_answer_to_nothing_is_refused() {
        let (mut ledger, now) = ledger_with(0);

        assert!(ledger.acknowledge(0, 1, now).is_err());
    }
}
