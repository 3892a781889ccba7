//! Transactions of which nobody knows whether they were committed: the answer to COMMIT never came.
//!
//! Whoever asked is told `unavailable` and repeats, which finds what was stored. But nobody else is
//! told of it; so it has to be found out whose conversations may have changed.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Statement};

use super::{Storage, StorageError};
use crate::domain::{Timestamp, UserId};

/// So long after the outage no transaction of before can still be committed: PostgreSQL ends one
/// that waits for its client after 5 s.
const SETTLED_AFTER: Duration = Duration::from_secs(6);

/// Clocks of servers differ by less.
const MARGIN: chrono::Duration = chrono::Duration::seconds(2);

/// Since when nobody knows, and when it was noticed last.
#[derive(Debug, Default)]
pub(super) struct Doubt(Mutex<Option<Doubtful>>);

#[derive(Clone, Copy, Debug)]
struct Doubtful {
    since: Timestamp,
    noticed: Instant,
}

impl Doubt {
    /// A transaction that was begun at `since` has been committed or not.
    pub fn cast(&self, since: Timestamp) {
        let mut doubt = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earliest = doubt.map_or(since, |doubtful| doubtful.since.min(since));
        *doubt = Some(Doubtful { since: earliest, noticed: Instant::now() });
    }

    fn settled(&self) -> Option<Doubtful> {
        let doubt = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        doubt.filter(|doubtful| doubtful.noticed.elapsed() >= SETTLED_AFTER)
    }

    fn clear(&self, told: Doubtful) {
        let mut doubt = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if doubt.is_some_and(|doubtful| doubtful.noticed == told.noticed) {
            *doubt = None;
        }
    }
}

impl Storage {
    /// Whether it can be found out now who may have missed something.
    pub fn is_in_doubt(&self) -> bool {
        self.0.doubt.settled().is_some()
    }

    /// Everybody who may have missed something; nobody is in doubt afterwards.
    pub async fn people_in_doubt(&self) -> Result<HashSet<UserId>, StorageError> {
        let Some(doubtful) = self.0.doubt.settled() else { return Ok(HashSet::new()) };
        let reader = self.read_everything().await?;
        let sql = "SELECT DISTINCT p.user_id FROM participants p \
                   JOIN conversations c ON c.id = p.conversation_id WHERE c.updated_at >= $1";
        let since = [(doubtful.since - MARGIN).into()];
        let statement = Statement::from_sql_and_values(reader.backend(), sql, since);
        let rows = reader.connection().query_all_raw(statement).await?;
        let people = rows.iter().map(|row| row.try_get_by_index(0).map(UserId));
        let people = people.collect::<Result<_, _>>()?;
        self.0.doubt.clear(doubtful);
        Ok(people)
    }
}
