//! Open the conversation with somebody, or find the one that exists.

use super::{Asker, Audience, CommandError, Origin, Post, SendMessage, Sent, send_message};
use crate::{
    domain::{
        ClientId, Conversation, ConversationId, DirectPair, MessageText, Person, Standing,
        Timestamp, UserId,
    },
    protocol::{Frames, MessageTarget, ServerEvent},
    storage::{NumbersWanted, Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct StartConversation {
    pub starter: Person,
    pub other: UserId,
    pub initial_message: Option<MessageText>,
    /// Names the first message.
    pub client_id: Option<ClientId>,
}

/// The conversation two people share.
#[derive(Clone, Debug)]
pub struct Started {
    pub conversation: Conversation,
    pub created: bool,
    /// Into whose list it has come.
    pub appears_for: Vec<UserId>,
    /// The starter had taken it out of his list.
    pub was_hidden: bool,
    pub sent: Option<Sent>,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    start: &StartConversation,
    now: Timestamp,
) -> Result<Result<Started, CommandError>, StorageError> {
    let starter = start.starter.id;
    let Some(pair) = DirectPair::new(starter, start.other) else {
        return Ok(Err(CommandError::SelfRecipient));
    };
    if storage.people_in(tx, [start.other]).await?.is_empty() {
        return Ok(Err(CommandError::RecipientNotFound));
    }
    // Somebody who has left is not called back, nor does he come back by himself.
    let standings = storage.standings(tx, [pair]).await?;
    if !standings.left.is_empty() {
        return Ok(Err(CommandError::RecipientNotFound));
    }
    let wanted = [NumbersWanted { pair, messages: 0, at: now }];
    let taken = storage.take_numbers(tx, &wanted).await?[&pair];
    let was_hidden = storage.show_conversation(tx, taken.conversation, starter).await?;

    let sent = match &start.initial_message {
        Some(text) => {
            let send = SendMessage {
                sender: start.starter.clone(),
                target: MessageTarget::User(start.other),
                text: text.clone(),
                reply_to: None,
                client_id: start.client_id.clone(),
                origin: Origin::Initial,
            };
            match send_message::store(storage, tx, &[&send], now).await?.pop() {
                Some(Err(error)) => return Ok(Err(error)),
                Some(Ok(sent)) => Some(sent),
                None => None,
            }
        }
        None => None,
    };
    let appears_for = if taken.is_new {
        pair.members().to_vec()
    } else {
        standings
            .hidden
            .into_iter()
            .map(|(_pair, user)| user)
            .filter(|user| *user == starter)
            .collect()
    };
    let conversation = storage.conversation_in(tx, taken.conversation, starter).await?;
    Ok(conversation
        .map(|conversation| Started {
            conversation,
            created: taken.is_new,
            appears_for,
            was_hidden,
            sent,
        })
        .ok_or(CommandError::Internal))
}

/// The two hear of each other's presence from now on, and of the first message if there is one; of a
/// conversation without one they would hear nothing.
pub(super) fn tell(started: &Started, asker: &Asker, post: &mut dyn Post) {
    if let Some(peer) = started.conversation.peer_of(asker.user) {
        post.acquainted(asker.user, peer.person.id);
    }
    for user in &started.appears_for {
        post.conversation_appeared(*user, started.conversation.id);
    }
    if let Some(sent) = &started.sent {
        send_message::tell(sent, asker, post);
        return;
    }
    let members = started.conversation.participants.iter().map(|member| member.person.id);
    let concerned =
        members.filter(|user| started.created || (started.was_hidden && *user == asker.user));
    tell_shown(started.conversation.id, concerned, post);
}

fn tell_shown(
    conversation: ConversationId,
    members: impl Iterator<Item = UserId>,
    post: &mut dyn Post,
) {
    let shown = Frames::from(ServerEvent::ConversationShown { conversation_id: conversation });
    for user in members {
        post.to_user(user, Audience::Chat, &shown);
    }
}

/// A conversation without a message that was begun on another server.
pub(super) fn tell_begun_elsewhere(position: &Standing, post: &mut dyn Post) {
    let members = position.member_ids();
    for user in &members {
        post.conversation_appeared(*user, position.conversation);
    }
    tell_shown(position.conversation, members.into_iter(), post);
}
