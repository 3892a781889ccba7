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

    fn handle(&mut self, execute: Execute, _ctx: &mut Context<Self>) {
        let Execute { command, asker, reply } = execute;
        if self.draining {
            return self.settle(Settled { outcome: Err(CommandError::Restarting), asker, reply });
        }
        if !self.has_room() {
            return self.settle(Settled { outcome: Err(CommandError::Overloaded), asker, reply });
        }
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        if let Err(refused) = self.db_executor.try_send(Write(Job { command, asker, reply })) {
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            let (SendError::Full(Write(job)) | SendError::Closed(Write(job))) = refused;
            let Job { asker, reply, .. } = job;
            self.settle(Settled { outcome: Err(CommandError::Overloaded), asker, reply });
        }
    }
}
