//! Conversations as clients see them: the superset of contract §5.3.

use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};

use super::{ChatUserView, MessageView, Stamp};
use crate::domain::{Conversation, ConversationId, MessageDetails, OnlineUsers, Timestamp, UserId};

/// One conversation in the list, or after it was created.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationView<'a> {
    pub id: ConversationId,
    pub conversation_id: ConversationId,
    pub participants: Vec<ChatUserView<'a>>,
    #[schema(required)]
    pub other_participant: Option<ChatUserView<'a>>,
    #[schema(required)]
    pub participant: Option<ChatUserView<'a>>,
    #[schema(required)]
    pub partner: Option<ChatUserView<'a>>,
    #[schema(required)]
    pub latest_message: Option<MessageView<'a>>,
    #[serde(rename = "lastMessage")]
    pub last_message: LastMessageView<'a>,
    pub unread_count: u64,
    #[serde(rename = "unreadCount")]
    pub unread_count_camel: u64,
    pub last_activity: Stamp,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub last_seq: i64,
    pub rev: i64,
    pub read_seq: i64,
}

/// The newest message, or its empty stand-in: the old dashboard dereferences it unasked.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = LastMessage)]
pub enum LastMessageView<'a> {
    Message(Box<MessageView<'a>>),
    Empty(EmptyMessageView),
}

/// What stands where the newest message of an empty conversation would.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EmptyMessage)]
pub struct EmptyMessageView {
    #[schema(schema_with = nothing)]
    id: Option<&'static str>,
    content: &'static str,
    text: &'static str,
    timestamp: Stamp,
    created_at: Stamp,
    sender: EmptySenderView,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EmptySender)]
struct EmptySenderView {
    #[schema(schema_with = nothing)]
    id: Option<i64>,
    username: &'static str,
}

/// Always null, which tells an empty message from any other.
fn nothing() -> Object {
    ObjectBuilder::new().schema_type(Type::Null).build()
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
                timestamp: Stamp(active_at),
                created_at: Stamp(active_at),
                sender: EmptySenderView { id: None, username: "" },
            }),
        };
        Self {
            id: conversation.id,
            conversation_id: conversation.id,
            participants: conversation.participants.iter().map(person).collect(),
            participant: other.clone(),
            partner: other.clone(),
            other_participant: other,
            latest_message,
            last_message,
            unread_count: unread,
            unread_count_camel: unread,
            last_activity: Stamp(active_at),
            created_at: Stamp(conversation.created_at),
            updated_at: Stamp(conversation.updated_at),
            last_seq: conversation.last_seq.0,
            rev: conversation.rev.0,
            read_seq: conversation
                .participant(viewer)
                .map_or(0, |participant| participant.cursor.read_seq),
        }
    }
}
