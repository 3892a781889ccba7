//! Conversations that have appeared in somebody's list, shown to those who look at one. What the list
//! says of them is asked beside the chat server, like unread counts.

use std::{collections::BTreeSet, mem};

use actix::{AsyncContext, Context, Handler, Message};
use bytestring::ByteString;
use serde_json::value::to_raw_value;

use super::ChatServer;
use crate::{
    commands::{Audience, Post},
    domain::{ConversationId, OnlineUsers, UserId, clock},
    protocol::{ConversationView, Frames, ServerEvent},
    storage::{Storage, StorageError},
};

/// Waiting to be shown, at most; a list is loaded afresh sooner or later.
const WAITING_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Appearances {
    waiting: BTreeSet<(UserId, ConversationId)>,
    asking: bool,
}

/// Events about what was asked for, with those who wait for them.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Asked(Vec<(UserId, ByteString)>);

impl ChatServer {
    pub(super) fn note_appearance(&mut self, user: UserId, conversation: ConversationId) {
        let waiting = &mut self.appearances.waiting;
        if waiting.len() < WAITING_MAX && self.registry.has_listener(user, Audience::Messaging) {
            waiting.insert((user, conversation));
        }
    }

    /// Asks what the lists say, unless an answer is still to come.
    pub(super) fn show_appearances(&mut self, ctx: &mut Context<Self>) {
        if self.appearances.asking || self.appearances.waiting.is_empty() {
            return;
        }
        self.appearances.asking = true;
        let waiting = mem::take(&mut self.appearances.waiting);
        let (storage, online) = (self.storage.clone(), self.presence.online.clone());
        let chat_server = ctx.address();
        actix::spawn(async move {
            let mut events = Vec::with_capacity(waiting.len());
            for (user, conversation) in waiting {
                match line(&storage, &online, user, conversation).await {
                    Ok(event) => events.extend(event.map(|event| (user, event))),
                    Err(error) => {
                        tracing::warn!(%error, "could not look up a conversation that appeared");
                    }
                }
            }
            if chat_server.send(Asked(events)).await.is_err() {
                tracing::debug!("the chat server is gone");
            }
        });
    }
}

/// What the list of `user` says of a conversation; `None` if it is not his.
async fn line(
    storage: &Storage,
    online: &OnlineUsers,
    user: UserId,
    conversation: ConversationId,
) -> Result<Option<ByteString>, StorageError> {
    let reader = storage.read_as(user).await?;
    let Some(conversation) = reader.conversation(conversation, user).await? else {
        return Ok(None);
    };
    let (id, rev) = (conversation.id, conversation.rev.0);
    let participants = [(id, conversation.participants.clone())].into();
    let summary = reader.conversation_summary(user, conversation).await?;
    let latest = reader.find_messages(summary.latest).await?;
    let latest = reader.details(latest, &participants).await?.pop();
    let (listed, unread) = (&summary.conversation, summary.unread);
    let view = ConversationView::new(listed, latest.as_ref(), unread, user, online, clock::now());
    let view = to_raw_value(&view).expect("views have string keys only");
    let event = ServerEvent::ConversationUpdated { conversation: &view, conversation_id: id, rev };
    Ok(Some(event.encode()))
}

impl Handler<Asked> for ChatServer {
    type Result = ();

    fn handle(&mut self, Asked(events): Asked, ctx: &mut Context<Self>) {
        self.appearances.asking = false;
        for (user, event) in events {
            self.to_user(user, Audience::Messaging, &Frames { event, alias: None });
        }
        self.drop_failed(ctx);
        self.show_appearances(ctx);
    }
}
