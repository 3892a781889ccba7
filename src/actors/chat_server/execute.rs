//! From a command to the db executor: admission, then on.

use std::sync::atomic::Ordering;

use actix::{Context, Handler, dev::SendError};
use tokio::time::Instant;

use super::{
    ChatServer,
    messages::{Execute, Settled},
};
use crate::{
    actors::db_executor::{Job, Write},
    commands::CommandError,
    telemetry::metrics,
};

impl Handler<Execute> for ChatServer {
    type Result = ();

    fn handle(&mut self, execute: Execute, ctx: &mut Context<Self>) {
        self.admit(execute);
        self.drop_failed(ctx);
    }
}

impl ChatServer {
    fn admit(&mut self, execute: Execute) {
        let Execute { command, asker, reply } = execute;
        let job = Job { command, asker, reply, since: Instant::now() };
        let refused = if self.draining {
            Some((job, CommandError::Restarting))
        } else if self.has_room_for(job.command.priority()) {
            self.hand_on(Write(job)).map(|job| (job, CommandError::Overloaded))
        } else {
            Some((job, CommandError::Overloaded))
        };
        if let Some((Job { asker, reply, since, .. }, error)) = refused {
            metrics().commands_refused.increment(1);
            self.settle(Settled { outcome: Err(error), asker, reply, since, is_late: false });
        }
    }

    /// Hands a job to the db executor; gives it back when there is no room.
    pub(super) fn hand_on(&mut self, write: Write) -> Option<Job> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        let refused = self.db_executor.try_send(write).err()?;
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        let (SendError::Full(Write(job)) | SendError::Closed(Write(job))) = refused;
        Some(job)
    }
}
