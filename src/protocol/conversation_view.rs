//! Conversations as clients see them: the superset of contract §5.3.

use serde::Serialize;

use super::{ChatUserView, MessageView, rfc3339};
use crate::domain::{Conversation, MessageDetails, OnlineUsers, Timestamp, UserId};

/// One conversation in the list, or after it was created.
#[derive(Clone, Debug, Serialize)]
pub struct ConversationView<'a> {
    pub id: String,
    pub conversation_id: String,
    pub participants: Vec<ChatUserView<'a>>,
    pub other_participant: Option<ChatUserView<'a>>,
    pub participant: Option<ChatUserView<'a>>,
    pub partner: Option<ChatUserView<'a>>,
    pub latest_message: Option<MessageView<'a>>,
    #[serde(rename = "lastMessage")]
    pub last_message: LastMessageView<'a>,
    pub unread_count: u64,
    #[serde(rename = "unreadCount")]
    pub unread_count_camel: u64,
    pub last_activity: String,
    pub created_at: String,
    pub updated_at: String,
    pub last_seq: i64,
    pub rev: i64,
    pub read_seq: i64,
}

/// The newest message, or its empty stand-in: the old dashboard dereferences it unasked.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum LastMessageView<'a> {
    Message(Box<MessageView<'a>>),
    Empty(EmptyMessageView),
}

/// What stands where the newest message of an empty conversation would.
#[derive(Clone, Debug, Serialize)]
pub struct EmptyMessageView {
    id: Option<&'static str>,
    content: &'static str,
    text: &'static str,
    timestamp: String,
    created_at: String,
    sender: EmptySenderView,
}

#[derive(Clone, Debug, Serialize)]
struct EmptySenderView {
    id: Option<i64>,
    username: &'static str,
}

impl<'a> ConversationView<'a> {
    pub fn new(
        conversation: &'a Conversation,
        latest: Option<&'a MessageDetails>,
        unread: u64,
        viewer: UserId,
        online: &OnlineUsers,
        now: Timestamp,
    ) -> Self {
        let person = |participant: &'a crate::domain::Participant| {
            ChatUserView::new(&participant.person, online, now)
        };
        let other = conversation.peer_of(viewer).map(person);
        let latest_message = latest.map(|details| MessageView::new(details, online, now));
        let active_at = conversation.last_message_at.unwrap_or(conversation.created_at);
        let last_message = match &latest_message {
            Some(view) => LastMessageView::Message(Box::new(view.clone())),
            None => LastMessageView::Empty(EmptyMessageView {
                id: None,
                content: "",
                text: "",
                timestamp: rfc3339(active_at),
                created_at: rfc3339(active_at),
                sender: EmptySenderView { id: None, username: "" },
            }),
        };
        let id = conversation.id.to_string();
        Self {
            conversation_id: id.clone(),
            id,
            participants: conversation.participants.iter().map(person).collect(),
            participant: other.clone(),
            partner: other.clone(),
            other_participant: other,
            latest_message,
            last_message,
            unread_count: unread,
            unread_count_camel: unread,
            last_activity: rfc3339(active_at),
            created_at: rfc3339(conversation.created_at),
            updated_at: rfc3339(conversation.updated_at),
            last_seq: conversation.last_seq.0,
            rev: conversation.rev.0,
            read_seq: conversation
                .participant(viewer)
                .map_or(0, |participant| participant.cursor.read_seq),
        }
    }
}
