//! Commands that have waited too long: their clients have given up or repeated them.

use std::{collections::VecDeque, time::Duration};

use super::{Job, Settled};
use crate::{commands::CommandError, telemetry::metrics};

/// Takes them out of the queue, whose oldest stand in front.
pub(super) fn expired(pending: &mut VecDeque<Job>, after: Option<Duration>) -> Vec<Settled> {
    let Some(after) = after else { return vec![] };
    let is_old = |job: &Job| job.since.elapsed() > after;
    let count = pending.iter().take_while(|job| is_old(job)).count();
    if count > 0 {
        metrics().commands_expired.increment(u64::try_from(count).unwrap_or(u64::MAX));
        tracing::warn!(count, "refused commands that had waited too long to be stored");
    }
    let refuse = |Job { asker, reply, since, .. }: Job| Settled {
        outcome: Err(CommandError::Overloaded),
        asker,
        reply,
        since,
        is_late: false,
    };
    pending.drain(..count).map(refuse).collect()
}
