//! What somebody missed, as clients see it: the same over WebSocket and REST.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ConversationView, MessageView};
use crate::domain::{
    Conversation, ConversationId, MessageId, Missed, MissedConversation, OnlineUsers, Part,
    Timestamp, UserId,
};

/// What changed in one conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SyncView<'a> {
    pub conversation_id: ConversationId,
    pub from_rev: i64,
    /// How far the client has come with this.
    pub rev: i64,
    pub messages: Vec<MessageView<'a>>,
    pub hidden: &'a [MessageId],
    pub cursors: Vec<CursorView>,
    pub has_more: bool,
    pub reset: bool,
    pub has_older: bool,
    pub last_seq: i64,
    pub unread_count: u64,
    /// With `reset` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub conversation: Option<Box<ConversationView<'a>>>,
}

/// How far a member has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CursorView {
    pub user_id: i64,
    pub read_seq: i64,
    pub delivered_seq: i64,
}

/// How far a conversation has been read in which nothing else changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceiptsView {
    pub conversation_id: ConversationId,
    pub cursors: Vec<CursorView>,
    pub unread_count: u64,
}

/// The end of an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ResumedView<'a> {
    pub epoch: &'a str,
    pub complete: bool,
    pub gone: &'a [ConversationId],
    pub receipts: Vec<ReceiptsView>,
}

impl<'a> SyncView<'a> {
    pub fn new(
        missed: &'a MissedConversation,
        viewer: UserId,
        online: &OnlineUsers,
        now: Timestamp,
    ) -> Self {
        let MissedConversation { conversation, part, messages, hidden, unread, has_older } = missed;
        let (from_rev, reset) = match part {
            Part::Changes { from, .. } => (from.0, false),
            Part::Afresh { .. } => (0, true),
        };
        let whole = reset.then(|| {
            let latest = messages.last();
            ConversationView::new(conversation, latest, *unread, viewer, online, now).into()
        });
        Self {
            conversation_id: conversation.id,
            from_rev,
            rev: part.rev().0,
            messages: messages.iter().map(|it| MessageView::new(it, online, now)).collect(),
            hidden,
            cursors: cursors(conversation),
            has_more: missed.has_more(),
            reset,
            has_older: *has_older,
            last_seq: conversation.last_seq.0,
            unread_count: *unread,
            conversation: whole,
        }
    }
}

impl<'a> ResumedView<'a> {
    pub fn new(missed: &'a Missed) -> Self {
        let receipts = missed.unchanged.iter().map(|(conversation, unread)| ReceiptsView {
            conversation_id: conversation.id,
            cursors: cursors(conversation),
            unread_count: *unread,
        });
        Self {
            epoch: &missed.epoch.0,
            complete: missed.is_complete,
            gone: &missed.gone,
            receipts: receipts.collect(),
        }
    }
}

fn cursors(conversation: &Conversation) -> Vec<CursorView> {
    let participants = conversation.participants.iter();
    participants
        .map(|participant| CursorView {
            user_id: participant.person.id.0,
            read_seq: participant.cursor.read_seq,
            delivered_seq: participant.cursor.delivered_seq.max(participant.cursor.read_seq),
        })
        .collect()
}
