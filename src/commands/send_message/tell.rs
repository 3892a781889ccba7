//! Whom a message is told, and in which order.

use super::Sent;
use crate::{
    commands::{Asker, Audience, Place, Post, delete_message::nothing_new, notify},
    domain::{ClientId, MessageDetails, Notification, UserId},
    protocol::{EncodedMessage, Frames, ServerEvent, Stamp},
};

/// The recipient hears of it first, then the sender that it arrived, then that it is stored
/// (contract §2.4). A repeat is answered to its asker alone.
pub(in crate::commands) fn tell(sent: &Sent, asker: &Asker, post: &mut dyn Post) {
    if sent.is_repeat {
        if let Some(connection) = asker.connection {
            let client_id = asker.client_id.as_ref();
            let place = Place::of(sent.details.message.rev);
            for frames in answers(&sent.details, client_id, true, place, post) {
                post.to_connection(connection, &frames);
            }
        }
        return;
    }
    let place = Place::of(sent.details.message.rev);
    let is_delivered = tell_new(&sent.details, sent.notification.as_ref(), &[], place, post);
    let message = &sent.details.message;
    // On other endpoints, only who asked is answered.
    if let Some(connection) = asker.connection
        && !post.listens(connection, Audience::Chat)
    {
        let mut seen = sent.details.clone();
        if let Some(recipient) = message.recipient.filter(|_| is_delivered) {
            seen.cursors.mark_received(recipient, message.seq);
        }
        for frames in answers(&seen, message.client_id.as_ref(), false, place, post) {
            post.to_connection(connection, &frames);
        }
    }
    for user in &sent.appears_for {
        post.conversation_appeared(*user, message.conversation);
    }
}

/// A message that is new to everybody. Without `notification`, its recipient is told none. Whoever has
/// deleted it for himself by now does not get to see it. Whether it has reached its recipient.
pub(in crate::commands) fn tell_new(
    details: &MessageDetails,
    notification: Option<&Notification>,
    hidden_by: &[UserId],
    place: Place,
    post: &mut dyn Post,
) -> bool {
    let message = &details.message;
    let mut as_delivered = details.clone();
    let mut is_delivered = false;
    if let Some(recipient) = message.recipient {
        as_delivered.cursors.mark_received(recipient, message.seq);
        if message.seq.0 == 1 {
            post.acquainted(message.sender, recipient);
        }
        if hidden_by.contains(&recipient) {
            post.to_user(recipient, Audience::Chat, &nothing_new(message.conversation, place));
        } else if post.is_connected(recipient, Audience::ChatAndMessaging) {
            let frames = new_message(&as_delivered, place, post);
            is_delivered = post.to_user(recipient, Audience::Chat, &frames);
            post.to_user(recipient, Audience::Messaging, &frames);
        }
        match notification {
            Some(notification) => notify::tell(notification, post),
            None => post.unread_changed(recipient),
        }
        if is_delivered {
            post.record_delivery(message.conversation, recipient, message.seq);
        }
    }
    if post.is_connected(message.sender, Audience::Chat) {
        let seen = if is_delivered { &as_delivered } else { details };
        for frames in answers(seen, message.client_id.as_ref(), false, place, post) {
            post.to_user(message.sender, Audience::Chat, &frames);
        }
    }
    is_delivered
}

/// A message that was taken back before it could be told: its sender still waits for the answer.
pub(in crate::commands) fn tell_gone(details: &MessageDetails, place: Place, post: &mut dyn Post) {
    let message = &details.message;
    if message.client_id.is_some() && post.is_connected(message.sender, Audience::Chat) {
        for frames in answers(details, message.client_id.as_ref(), true, place, post) {
            post.to_user(message.sender, Audience::Chat, &frames);
        }
    }
}

fn new_message(details: &MessageDetails, place: Place, post: &dyn Post) -> Frames {
    let encoded = EncodedMessage::new(details, post.online(), post.now());
    let (message, conversation_id) = (encoded.as_raw(), details.message.conversation);
    let (rev, prev_rev) = (place.rev.0, place.prev_rev.0);
    Frames {
        event: ServerEvent::NewMessage { message, conversation_id, rev, prev_rev }.encode(),
        alias: Some(ServerEvent::Message { message, conversation_id, rev, prev_rev }.encode()),
    }
}

/// What the sender is told: `message_delivered` if it is true, then `message_sent`.
fn answers(
    details: &MessageDetails,
    client_id: Option<&ClientId>,
    duplicate: bool,
    place: Place,
    post: &dyn Post,
) -> Vec<Frames> {
    let message = &details.message;
    #[cfg(feature = "broken-builds")]
    if crate::broken::is("deliver-before-commit") && !duplicate {
        // Only those who hear of it are told too early: the sender has to ask again.
        return vec![];
    }
    let mut answers = Vec::with_capacity(2);
    if let Some(receiver) = details.cursors.receivers(message.sender, message.seq).next() {
        answers.push(Frames::from(ServerEvent::MessageDelivered {
            message_id: message.id,
            conversation_id: message.conversation,
            delivered_to: &receiver.username,
            delivered_to_id: receiver.id.0,
            delivered_at: Stamp(post.now()),
        }));
    }
    let encoded = EncodedMessage::new(details, post.online(), post.now());
    answers.push(Frames::from(ServerEvent::MessageSent {
        message: encoded.as_raw(),
        conversation_id: message.conversation,
        rev: place.rev.0,
        prev_rev: place.prev_rev.0,
        client_id: client_id.map(ClientId::as_str),
        duplicate,
    }));
    answers
}
