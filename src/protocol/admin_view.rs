//! What administrators are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Stamp, people_view::UserBasicView};
use crate::domain::{
    AdminAccess, ConversationId, Edit, MessageId, ModeratedConversation, ModeratedMessage, User,
};

/// An account as administrators see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AdminAccount)]
#[expect(clippy::struct_excessive_bools, reason = "the wire has them")]
pub struct AdminAccountView<'a> {
    pub id: i64,
    pub username: &'a str,
    pub email: Option<&'a str>,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub full_name: &'a str,
    pub user_type: &'a str,
    pub avatar: Option<&'a str>,
    pub is_staff: bool,
    pub is_superuser: bool,
    pub is_active: bool,
    pub is_online: bool,
    pub date_joined: Stamp,
    pub last_active: Option<Stamp>,
}

impl<'a> AdminAccountView<'a> {
    pub fn new(user: &'a User, is_online: bool) -> Self {
        Self {
            id: user.id.0,
            username: &user.username,
            email: user.email.as_deref(),
            first_name: &user.first_name,
            last_name: &user.last_name,
            full_name: &user.full_name,
            user_type: &user.user_type,
            avatar: user.avatar_url.as_deref(),
            is_staff: user.is_staff,
            is_superuser: user.is_superuser,
            is_active: user.is_active,
            is_online,
            date_joined: Stamp(user.date_joined),
            last_active: user.last_active_at.map(Stamp),
        }
    }
}

/// A conversation as administrators see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AdminConversation)]
pub struct AdminConversationView<'a> {
    pub id: ConversationId,
    pub members: Vec<AdminMemberView<'a>>,
    /// Deleted ones included.
    pub message_count: u64,
    pub created_at: Stamp,
    pub last_message_at: Option<Stamp>,
}

/// Somebody who belongs to a conversation, or has.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AdminMember)]
pub struct AdminMemberView<'a> {
    pub user: UserBasicView<'a>,
    pub left_at: Option<Stamp>,
}

impl<'a> AdminConversationView<'a> {
    pub fn new(conversation: &'a ModeratedConversation) -> Self {
        let members = conversation.members.iter().map(|(person, left_at)| AdminMemberView {
            user: UserBasicView::new(person),
            left_at: left_at.map(Stamp),
        });
        Self {
            id: conversation.id,
            members: members.collect(),
            message_count: conversation.messages,
            created_at: Stamp(conversation.created_at),
            last_message_at: conversation.last_message_at.map(Stamp),
        }
    }
}

/// A message as administrators see it: with its text even when it is deleted.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AdminMessage)]
pub struct AdminMessageView<'a> {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub rev: i64,
    pub sender: Option<UserBasicView<'a>>,
    pub sender_id: i64,
    pub recipient_id: Option<i64>,
    pub content: &'a str,
    pub reply_to_id: Option<MessageId>,
    pub created_at: Stamp,
    pub edited_at: Option<Stamp>,
    /// How often its text was changed.
    pub edit_count: u64,
    pub is_deleted: bool,
    pub deleted_at: Option<Stamp>,
    /// Its author, or an administrator.
    pub deleted_by: Option<i64>,
}

impl<'a> AdminMessageView<'a> {
    pub fn new(moderated: &'a ModeratedMessage) -> Self {
        let message = &moderated.message;
        Self {
            id: message.id,
            conversation_id: message.conversation,
            seq: message.seq.0,
            rev: message.rev.0,
            sender: moderated.sender.as_deref().map(UserBasicView::new),
            sender_id: message.sender.0,
            recipient_id: message.recipient.map(|user| user.0),
            content: &message.content,
            reply_to_id: message.reply_to,
            created_at: Stamp(message.created_at),
            edited_at: message.edited_at.map(Stamp),
            edit_count: moderated.edits,
            is_deleted: message.deleted_at.is_some(),
            deleted_at: message.deleted_at.map(Stamp),
            deleted_by: moderated.deleted_by.map(|user| user.0),
        }
    }
}

/// What a message said before an edit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AdminEdit)]
pub struct AdminEditView<'a> {
    /// The change number of the edit.
    pub rev: i64,
    pub old_content: &'a str,
    pub edited_at: Stamp,
}

impl<'a> AdminEditView<'a> {
    pub fn new(edit: &'a Edit) -> Self {
        Self { rev: edit.rev.0, old_content: &edit.old_content, edited_at: Stamp(edit.at) }
    }
}

/// One line of the record of what administrators do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AdminAccess)]
pub struct AdminAccessView<'a> {
    pub id: i64,
    pub admin_id: i64,
    /// `list_users`, `view_user`, `list_conversations`, `view_history`, `view_edits`,
    /// `delete_message`, `activate_user` or `deactivate_user`.
    pub action: &'a str,
    /// Whom it was about.
    pub user_id: Option<i64>,
    pub conversation_id: Option<ConversationId>,
    pub message_id: Option<MessageId>,
    /// What was searched for.
    pub note: Option<&'a str>,
    pub created_at: Stamp,
}

impl<'a> AdminAccessView<'a> {
    pub fn new(access: &'a AdminAccess) -> Self {
        Self {
            id: access.id,
            admin_id: access.admin.0,
            action: &access.action,
            user_id: access.user.map(|user| user.0),
            conversation_id: access.conversation,
            message_id: access.message,
            note: access.note.as_deref(),
            created_at: Stamp(access.at),
        }
    }
}
