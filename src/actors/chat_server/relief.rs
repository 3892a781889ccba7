//! When memory runs short: those for whom most is waiting have to come back later.

use actix::Context;

use super::ChatServer;
use crate::{commands::ConnectionId, edge::Pressure, protocol::CloseCode};

/// One connection in so many goes at a time: who does not read gives his memory back when the kernel has
/// given him up (`server.stall_seconds`), and until then nobody knows whether it is enough.
const ONE_IN: usize = 100;

/// Ending a connection for which less is waiting gives nothing back.
const WORTHWHILE_BYTES: usize = 65_536;

impl ChatServer {
    /// Ends some connections if the process takes too much memory.
    pub(super) fn relieve(&mut self, ctx: &mut Context<Self>) {
        let pressure = self.memory.pressure();
        if pressure == Pressure::None {
            return;
        }
        let mut ids = vec![];
        if pressure == Pressure::TooHigh {
            let waiting = self.registry.all().map(|it| (it.waiting_bytes(), it.id));
            ids = fullest(waiting.collect());
        }
        tracing::warn!(closed = ids.len(), "memory runs short, and nobody else is let in");
        for id in ids {
            self.drop_connection(id, CloseCode::SlowConsumer, ctx);
        }
    }
}

/// Those for whom most is waiting, one in [`ONE_IN`] of all.
fn fullest(mut connections: Vec<(usize, ConnectionId)>) -> Vec<ConnectionId> {
    let count = connections.len().div_ceil(ONE_IN);
    connections.sort_unstable_by(|one, other| other.cmp(one));
    connections
        .into_iter()
        .take(count)
        .take_while(|(bytes, _)| *bytes >= WORTHWHILE_BYTES)
        .map(|(_, id)| id)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_hundred_goes_and_those_with_most_first() {
        let connections = (1..=250).map(|id| (id * 1000, ConnectionId(id as u64))).collect();

        let ids: Vec<_> = fullest(connections).into_iter().map(|id| id.0).collect();

        assert_eq!(ids, [250, 249, 248]);
    }

    #[test]
    fn whoever_reads_stays() {
        let connections = vec![(0, ConnectionId(1)), (65_535, ConnectionId(2))];

        assert!(fullest(connections).is_empty());
    }
}
