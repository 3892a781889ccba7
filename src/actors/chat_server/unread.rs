//! Fresh unread counts for those who show them. Counting asks the database, so it happens beside the
//! chat server: changes that come meanwhile are counted together afterwards.

use std::{collections::BTreeSet, mem};

use actix::{AsyncContext, Context, Handler, Message};

use super::ChatServer;
use crate::{
    commands::{Audience, Post},
    domain::{UserId, clock},
    protocol::{Frames, NotificationEvent},
    storage::{Storage, StorageError},
};

#[derive(Debug, Default)]
pub(super) struct UnreadCounts {
    changed: BTreeSet<UserId>,
    counting: bool,
}

/// The counts that were asked for.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Counted(Vec<(UserId, Counts)>);

#[derive(Clone, Copy, Debug)]
struct Counts {
    messages: u64,
    notifications: u64,
}

impl ChatServer {
    pub(super) fn note_unread_change(&mut self, user: UserId) {
        if self.registry.has_listener(user, Audience::MessagingAndNotifications) {
            self.unread.changed.insert(user);
        }
    }

    /// Everybody who shows counts is to be sent fresh ones.
    pub(super) fn count_for_everybody(&mut self) {
        let users: Vec<_> = self.registry.all().map(|connection| connection.person.id).collect();
        for user in users {
            self.note_unread_change(user);
        }
    }

    /// Counts what has changed, unless a count is under way already.
    pub(super) fn refresh_unread(&mut self, ctx: &mut Context<Self>) {
        if self.unread.counting || self.unread.changed.is_empty() {
            return;
        }
        self.unread.counting = true;
        let users = mem::take(&mut self.unread.changed);
        let (storage, chat_server) = (self.storage.clone(), ctx.address());
        actix::spawn(async move {
            let mut counted = Vec::with_capacity(users.len());
            for user in users {
                match count(&storage, user).await {
                    Ok(counts) => counted.push((user, counts)),
                    Err(error) => tracing::warn!(%error, "could not count unread messages"),
                }
            }
            if chat_server.send(Counted(counted)).await.is_err() {
                tracing::debug!("the chat server is gone");
            }
        });
    }
}

async fn count(storage: &Storage, user: UserId) -> Result<Counts, StorageError> {
    let reader = storage.read_as(user).await?;
    let messages = reader.unread_count(user, None).await?;
    let notifications = reader.unread_notifications(user).await?;
    Ok(Counts { messages, notifications })
}

impl Handler<Counted> for ChatServer {
    type Result = ();

    fn handle(&mut self, Counted(counted): Counted, ctx: &mut Context<Self>) {
        self.unread.counting = false;
        for (user, counts) in counted {
            let Counts { messages, notifications } = counts;
            let event = NotificationEvent::unread_counts(messages, notifications, clock::now());
            let frames = Frames::from(event);
            self.to_user(user, Audience::MessagingAndNotifications, &frames);
        }
        self.refresh_unread(ctx);
    }
}
