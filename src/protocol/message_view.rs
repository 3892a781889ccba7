//! Messages as clients see them: the superset of contract §5.2, the same over REST and WebSocket.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    Stamp,
    user_view::{ChatUserView, QuotedUserView},
};
use crate::domain::{
    ConversationId, MessageDetails, MessageId, OnlineUsers, Quote, Reaction, Timestamp,
};

/// Characters of a quoted message that are shown; the rest becomes `...`.
const QUOTE_CHARS: usize = 100;

/// One message. Looks the same to its sender and its recipient: `is_read` and `is_delivered` speak
/// of the members other than the sender.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the wire has them")]
#[schema(as = Message)]
pub struct MessageView<'a> {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub conversation_id: ConversationId,
    pub sender: ChatUserView<'a>,
    #[schema(required)]
    pub recipient: Option<ChatUserView<'a>>,
    pub content: &'a str,
    pub text: &'a str,
    pub body: &'a str,
    pub created_at: Stamp,
    pub timestamp: Stamp,
    pub updated_at: Stamp,
    pub is_edited: bool,
    #[schema(required)]
    pub edited_at: Option<Stamp>,
    pub is_deleted: bool,
    #[schema(required)]
    pub reply_to: Option<QuoteView<'a>>,
    #[schema(required)]
    pub reply_to_id: Option<MessageId>,
    pub is_read: bool,
    pub is_delivered: bool,
    pub read_by_users: Vec<ChatUserView<'a>>,
    pub delivered_by_users: Vec<ChatUserView<'a>>,
    pub delivered_to: Vec<&'a str>,
    pub reactions: Vec<ReactionView<'a>>,
    pub reaction_counts: BTreeMap<&'a str, usize>,
    pub seq: i64,
    pub rev: i64,
    #[schema(required)]
    pub client_id: Option<&'a str>,
}

impl<'a> MessageView<'a> {
    pub fn new(details: &'a MessageDetails, online: &OnlineUsers, now: Timestamp) -> Self {
        let MessageDetails { message, sender, recipient, reply_to, reactions, cursors } = details;
        let person = |user| ChatUserView::new(user, online, now);
        let created_at = Stamp(message.created_at);
        let changed_at = message.deleted_at.or(message.edited_at).unwrap_or(message.created_at);
        let readers: Vec<_> = cursors.readers(message.sender, message.seq).collect();
        let receivers: Vec<_> = cursors.receivers(message.sender, message.seq).collect();
        Self {
            id: message.id,
            conversation: message.conversation,
            conversation_id: message.conversation,
            sender: person(sender),
            recipient: recipient.as_deref().map(person),
            content: &message.content,
            text: &message.content,
            body: &message.content,
            timestamp: created_at,
            created_at,
            updated_at: Stamp(changed_at),
            is_edited: message.edited_at.is_some(),
            edited_at: message.edited_at.map(Stamp),
            is_deleted: message.deleted_at.is_some(),
            reply_to: reply_to.as_ref().map(QuoteView::new),
            reply_to_id: message.reply_to,
            is_read: !readers.is_empty(),
            is_delivered: !receivers.is_empty(),
            read_by_users: readers.into_iter().map(|reader| person(reader)).collect(),
            delivered_to: receivers.iter().map(|receiver| receiver.username.as_str()).collect(),
            delivered_by_users: receivers.into_iter().map(|receiver| person(receiver)).collect(),
            reactions: reactions.iter().map(ReactionView::new).collect(),
            reaction_counts: reaction_counts(reactions),
            seq: message.seq.0,
            rev: message.rev.0,
            client_id: message.client_id.as_ref().map(crate::domain::ClientId::as_str),
        }
    }
}

/// The beginning of the message another one answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Quote)]
pub struct QuoteView<'a> {
    pub id: MessageId,
    pub content: String,
    pub text: String,
    pub sender: QuotedUserView<'a>,
}

impl<'a> QuoteView<'a> {
    fn new(quote: &'a Quote) -> Self {
        let content = match quote.content.char_indices().nth(QUOTE_CHARS) {
            Some((end, _)) => format!("{}...", &quote.content[..end]),
            None => quote.content.clone(),
        };
        Self {
            id: quote.id,
            text: content.clone(),
            content,
            sender: QuotedUserView::new(&quote.sender),
        }
    }
}

/// How often each reaction was given.
pub fn reaction_counts(reactions: &[Reaction]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for reaction in reactions {
        *counts.entry(reaction.reaction.as_str()).or_default() += 1;
    }
    counts
}

/// One member's reaction.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Reaction)]
pub struct ReactionView<'a> {
    pub user: QuotedUserView<'a>,
    pub reaction_type: &'a str,
    pub reaction: &'a str,
    pub created_at: Stamp,
}

impl<'a> ReactionView<'a> {
    pub fn new(reaction: &'a Reaction) -> Self {
        Self {
            user: QuotedUserView::new(&reaction.person),
            reaction_type: &reaction.reaction,
            reaction: &reaction.reaction,
            created_at: Stamp(reaction.created_at),
        }
    }
}

/// A message written as JSON once, to be put into several events.
#[derive(Clone, Debug)]
pub struct EncodedMessage(Box<RawValue>);

impl EncodedMessage {
    pub fn new(details: &MessageDetails, online: &OnlineUsers, now: Timestamp) -> Self {
        let view = MessageView::new(details, online, now);
        Self(serde_json::value::to_raw_value(&view).expect("a message view has string keys only"))
    }

    pub fn as_raw(&self) -> &RawValue {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Cursor, Cursors, Message, Rev, Seq, UserId, user::named};

    fn details() -> MessageDetails {
        let (nadia, omar) =
            (Arc::new(named(7, "nadia", "Nadia", "K")), Arc::new(named(9, "omar", "", "")));
        let created_at = "2026-03-01T10:00:00.000001Z".parse().expect("a timestamp");
        MessageDetails {
            message: Message {
                id: MessageId(Uuid::from_u128(0x5b)),
                conversation: ConversationId(Uuid::from_u128(0xc0)),
                seq: Seq(1),
                rev: Rev(1),
                sender: UserId(7),
                recipient: Some(UserId(9)),
                client_id: None,
                content: "lunch?".into(),
                reply_to: None,
                created_at,
                edited_at: None,
                deleted_at: None,
            },
            sender: nadia.clone(),
            recipient: Some(omar.clone()),
            reply_to: None,
            reactions: vec![],
            cursors: Cursors(vec![(nadia, Cursor::default()), (omar, Cursor::default())]),
        }
    }

    #[test]
    fn a_message_has_every_field_of_the_contract() {
        let mut details = details();
        details.cursors.mark_received(UserId(9), Seq(1));
        let online = OnlineUsers::default();
        online.insert(UserId(9));
        let now = "2026-03-01T10:00:01.5Z".parse().expect("a timestamp");

        let view = serde_json::to_value(MessageView::new(&details, &online, now)).expect("JSON");

        let omar = json!({
            "id": 9, "username": "omar", "first_name": "", "last_name": "", "full_name": "omar",
            "display_name": "omar", "is_online": true, "last_seen": "2026-03-01T10:00:01.500000Z",
            "avatar": null, "profile_picture": null, "userprofile": {"avatar": null},
        });
        assert_eq!(
            view,
            json!({
                "id": "00000000-0000-0000-0000-00000000005b",
                "conversation": "00000000-0000-0000-0000-0000000000c0",
                "conversation_id": "00000000-0000-0000-0000-0000000000c0",
                "sender": {
                    "id": 7, "username": "nadia", "first_name": "Nadia", "last_name": "K",
                    "full_name": "Nadia K", "display_name": "Nadia K", "is_online": false,
                    "last_seen": null, "avatar": null, "profile_picture": null,
                    "userprofile": {"avatar": null},
                },
                "recipient": omar,
                "content": "lunch?", "text": "lunch?", "body": "lunch?",
                "created_at": "2026-03-01T10:00:00.000001Z",
                "timestamp": "2026-03-01T10:00:00.000001Z",
                "updated_at": "2026-03-01T10:00:00.000001Z",
                "is_edited": false, "edited_at": null, "is_deleted": false,
                "reply_to": null, "reply_to_id": null,
                "is_read": false, "is_delivered": true,
                "read_by_users": [], "delivered_by_users": [omar], "delivered_to": ["omar"],
                "reactions": [], "reaction_counts": {},
                "seq": 1, "rev": 1, "client_id": null,
            })
        );
    }

    #[test]
    fn a_quote_shows_a_hundred_characters() {
        let sender = Arc::new(named(7, "nadia", "", ""));
        let quote =
            |content: String| Quote { id: MessageId(Uuid::nil()), sender: sender.clone(), content };

        assert_eq!(QuoteView::new(&quote("é".repeat(100))).content, "é".repeat(100));
        assert_eq!(QuoteView::new(&quote("é".repeat(101))).content, "é".repeat(100) + "...");
    }
}
