//! Give, change or take back a reaction: one per member and message.

use super::{
    Audience, CommandError, Place, Post,
    delete_message::message_gone,
    notify::{self, notify},
};
use crate::{
    domain::{
        Cause, MessageDetails, MessageId, Notice, Notification, Person, ReactionChange, Timestamp,
        UserId,
    },
    protocol::{Frames, ReactionView, ServerEvent, reaction_counts},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct React {
    pub by: Person,
    pub message: MessageId,
    pub change: ReactionChange,
}

/// What became of the reaction.
#[derive(Clone, Debug)]
pub struct Reacted {
    pub by: Person,
    /// The reaction that was there before.
    pub before: Option<String>,
    pub after: Option<String>,
    pub at: Timestamp,
    pub details: MessageDetails,
    /// Who has deleted the message for himself.
    pub hidden_by: Vec<UserId>,
    /// What the author is told of a reaction that was not there before, unless one from the same person
    /// still waits to be read: that one speaks of the new reaction now.
    pub notification: Option<Notification>,
}

impl Reacted {
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    react: &React,
    now: Timestamp,
) -> Result<Result<Reacted, CommandError>, StorageError> {
    let by = react.by.id;
    let Some(mut message) = storage.message_for(tx, react.message, by).await? else {
        return Ok(Err(CommandError::MessageNotFound));
    };
    let before = storage.reaction_of(tx, message.id, by).await?;
    let after = match &react.change {
        ReactionChange::Toggle(reaction) if before.as_deref() == Some(reaction.as_str()) => None,
        ReactionChange::Set(reaction) | ReactionChange::Toggle(reaction) => {
            Some(reaction.as_str().to_owned())
        }
        ReactionChange::Remove => None,
    };
    if before != after {
        message.rev = storage.take_rev(tx, message.conversation, now).await?;
        storage.set_reaction(tx, message.id, by, after.as_deref(), message.rev, now).await?;
    }
    let hidden_by = storage.hidden_by(tx, message.id).await?;
    let details = storage.details_in(tx, vec![message]).await?.pop();
    let Some(details) = details else { return Ok(Err(CommandError::Internal)) };
    let is_told_again = match &after {
        Some(reaction) if before != after => {
            storage.renew_reaction_notification(tx, react.message, by, reaction, now).await?
        }
        Some(_) | None => false,
    };
    let notification = match (&before, &after) {
        // An author who has left is not told.
        (None, Some(reaction)) if !is_told_again && has_member(&details, details.sender.id) => {
            let cause = Cause::Reaction { message: react.message, reaction: reaction.clone() };
            let (recipient, actor) = (details.sender.clone(), Some(react.by.clone()));
            notify(storage, tx, [Notice { recipient, actor, cause }], now).await?.pop().flatten()
        }
        (Some(_) | None, _) => None,
    };
    let by = react.by.clone();
    Ok(Ok(Reacted { by, before, after, at: now, details, hidden_by, notification }))
}

fn has_member(details: &MessageDetails, user: UserId) -> bool {
    details.cursors.0.iter().any(|(person, _cursor)| person.id == user)
}

/// Both sides see the reactions as they are now; a repeat that changed nothing is not told. To whoever
/// has deleted the message for himself it stays deleted.
pub(super) fn tell(reacted: &Reacted, post: &mut dyn Post) {
    if !reacted.is_change() {
        return;
    }
    let Reacted { by, before, after, details, hidden_by, .. } = reacted;
    let shown = after.as_deref().or(before.as_deref()).unwrap_or_default();
    let reaction = Reaction { by, after: after.as_deref(), shown };
    tell_reaction(details, hidden_by, reaction, Place::of(details.message.rev), post);
    if let Some(notification) = &reacted.notification {
        notify::tell(notification, post);
    }
}

/// What became of somebody's reaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reaction<'a> {
    pub by: &'a Person,
    pub after: Option<&'a str>,
    /// The one that was given or taken back.
    pub shown: &'a str,
}

pub(super) fn tell_reaction(
    details: &MessageDetails,
    hidden_by: &[UserId],
    Reaction { by, after, shown }: Reaction<'_>,
    place: Place,
    post: &mut dyn Post,
) {
    let MessageDetails { message, reactions, cursors, .. } = details;
    let frames = Frames::from(ServerEvent::ReactionUpdate {
        message_id: message.id,
        conversation_id: message.conversation,
        reactions: reactions.iter().map(ReactionView::new).collect(),
        reaction_counts: reaction_counts(reactions),
        user: &by.username,
        user_id: by.id.0,
        reaction: shown,
        added: after.is_some(),
        rev: place.rev.0,
        prev_rev: place.prev_rev.0,
    });
    for (person, _cursor) in &cursors.0 {
        if hidden_by.contains(&person.id) {
            let gone = message_gone(message.id, message.conversation, place);
            post.to_user(person.id, Audience::Chat, &gone);
            continue;
        }
        post.to_user(person.id, Audience::Chat, &frames);
        post.to_joined(person.id, message.conversation, &frames);
    }
}
