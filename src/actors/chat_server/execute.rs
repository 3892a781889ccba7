//! From a command to the db executor: admission, then on.

use std::sync::atomic::Ordering;

use actix::{Context, Handler, dev::SendError};

use super::{
    ChatServer,
    messages::{Execute, Settled},
};
use crate::{
    actors::db_executor::{Job, Write},
    commands::CommandError,
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
        if self.draining {
            return self.settle(Settled { outcome: Err(CommandError::Restarting), asker, reply });
        }
        if !self.has_room() {
            return self.settle(Settled { outcome: Err(CommandError::Overloaded), asker, reply });
        }
        if let Some(Job { asker, reply, .. }) = self.hand_on(Write(Job { command, asker, reply })) {
            self.settle(Settled { outcome: Err(CommandError::Overloaded), asker, reply });
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
