//! Notifications as clients see them, and the events about them (contract §4, §3.3).

use bytestring::ByteString;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Frames, Stamp, people_view::UserBasicView};
use crate::domain::{Cause, Excerpt, Follow, FollowId, Notice, Notification, Timestamp, User};

/// One notification, the same over REST and WebSocket.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
pub struct NotificationView<'a> {
    pub id: i64,
    pub user: UserBasicView<'a>,
    #[schema(required)]
    pub actor: Option<UserBasicView<'a>>,
    #[schema(required)]
    pub sender: Option<SenderView<'a>>,
    pub verb: &'a str,
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub title: String,
    pub message: String,
    #[schema(value_type = Object)]
    pub payload: Value,
    #[schema(required)]
    pub target_name: Option<&'a str>,
    #[schema(required)]
    pub action_url: Option<String>,
    pub is_read: bool,
    pub created_at: Stamp,
    pub timestamp: Stamp,
    pub updated_at: Stamp,
}

/// Who caused it, as the old notifications page reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NotificationSender)]
pub struct SenderView<'a> {
    pub username: &'a str,
    pub name: &'a str,
    #[schema(required)]
    pub avatar: Option<&'a str>,
}

impl<'a> NotificationView<'a> {
    pub fn new(notification: &'a Notification) -> Self {
        let notice = &notification.notice;
        let title = notice.title();
        let verb = notice.cause.verb();
        let created_at = Stamp(notification.created_at);
        Self {
            id: notification.id.0,
            user: UserBasicView::new(&notice.recipient),
            actor: notice.actor.as_deref().map(UserBasicView::new),
            sender: notice.actor.as_deref().map(SenderView::new),
            verb,
            kind: verb,
            message: title.clone(),
            title,
            payload: payload(notice),
            target_name: None,
            action_url: action_url(notice),
            is_read: notification.is_read,
            created_at,
            timestamp: created_at,
            updated_at: Stamp(notification.updated_at),
        }
    }
}

impl<'a> SenderView<'a> {
    fn new(user: &'a User) -> Self {
        let (username, name) = (user.username.as_str(), user.full_name.as_str());
        Self { username, name, avatar: user.avatar_url.as_deref() }
    }
}

fn payload(notice: &Notice) -> Value {
    let actor = notice.actor.as_deref();
    let username = actor.map_or("", |actor| actor.username.as_str());
    match &notice.cause {
        Cause::Message(excerpt) | Cause::Reply(excerpt) => {
            let Excerpt { message, conversation, preview, length } = excerpt;
            json!({
                "preview": preview,
                "message_length": length,
                "message_id": message,
                "conversation_id": conversation,
            })
        }
        Cause::Reaction { message, reaction } => json!({
            "reaction_type": reaction,
            "reactor_username": username,
            "message_id": message,
        }),
        Cause::Follow => json!({
            "follower_username": username,
            "follower_name": actor.map_or("", |actor| actor.full_name.as_str()),
        }),
        Cause::Other { payload, .. } => Value::Object(payload.clone()),
    }
}

/// The page of the original front end that shows more.
fn action_url(notice: &Notice) -> Option<String> {
    match &notice.cause {
        Cause::Message(_) | Cause::Reply(_) | Cause::Reaction { .. } => Some("/messages".into()),
        Cause::Follow => notice.actor.as_ref().map(|actor| format!("/profile/{}", actor.username)),
        Cause::Other { .. } => None,
    }
}

/// One event about notifications.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NotificationEvent<'a> {
    /// To `/ws/notifications/`.
    NewNotification {
        notification: &'a NotificationView<'a>,
        timestamp: Stamp,
    },
    /// First thing a connection to `/ws/notifications/` hears, and after every mark.
    UnreadCount {
        count: u64,
        timestamp: Stamp,
    },
    NotificationMarkedRead {
        notification_id: i64,
        timestamp: Stamp,
    },
    AllNotificationsMarkedRead {
        updated_count: u64,
        timestamp: Stamp,
    },
    Pong {
        timestamp: Stamp,
    },
    /// To `/ws/notifications/` and `/ws/messaging/`.
    UnreadCountUpdate {
        message_count: u64,
        notification_count: u64,
        timestamp: Stamp,
    },
    /// To `/ws/messaging/`.
    FollowNotification {
        follow_id: FollowId,
        follower: FollowerView<'a>,
        message: String,
        timestamp: Stamp,
    },
}

/// The new follower in an event.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Follower)]
pub struct FollowerView<'a> {
    pub id: i64,
    pub username: &'a str,
    pub full_name: &'a str,
    #[schema(required)]
    pub profile_picture: Option<&'a str>,
}

impl<'a> NotificationEvent<'a> {
    /// The event about a stored notification, ready to be sent.
    pub fn new_notification(notification: &Notification, now: Timestamp) -> Frames {
        let view = NotificationView::new(notification);
        NotificationEvent::NewNotification { notification: &view, timestamp: Stamp(now) }.into()
    }

    pub fn unread_counts(messages: u64, notifications: u64, now: Timestamp) -> Self {
        Self::UnreadCountUpdate {
            message_count: messages,
            notification_count: notifications,
            timestamp: Stamp(now),
        }
    }

    /// What the followed person hears at once.
    pub fn follow(follow: &'a Follow) -> Self {
        let follower = &follow.follower;
        Self::FollowNotification {
            follow_id: follow.id,
            message: format!("{} started following you", follower.username),
            timestamp: Stamp(follow.created_at),
            follower: FollowerView {
                id: follower.id.0,
                username: &follower.username,
                full_name: &follower.full_name,
                profile_picture: follower.avatar_url.as_deref(),
            },
        }
    }

    pub fn encode(&self) -> ByteString {
        serde_json::to_string(self).expect("an event has string keys only").into()
    }
}

impl From<NotificationEvent<'_>> for Frames {
    fn from(event: NotificationEvent<'_>) -> Self {
        Self { event: event.encode(), alias: None }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::domain::{ConversationId, MessageId, NotificationId, user::named};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    fn notification(cause: Cause) -> Notification {
        let mut omar = named(9, "omar", "", "");
        omar.email = Some("omar@example.org".into());
        let mut nadia = named(7, "nadia", "Nadia", "K");
        nadia.email = Some("nadia@example.org".into());
        Notification {
            id: NotificationId(8),
            notice: Notice { recipient: Arc::new(omar), actor: Some(Arc::new(nadia)), cause },
            is_read: false,
            created_at: at("2026-03-01T10:00:00.000001Z"),
            updated_at: at("2026-03-01T10:00:02Z"),
        }
    }

    #[test]
    fn a_notification_has_every_field_of_the_contract_and_no_address() {
        let stored = notification(Cause::Message(Excerpt {
            message: MessageId(Uuid::from_u128(0x5b)),
            conversation: Some(ConversationId(Uuid::from_u128(0xc0))),
            preview: "lunch?".into(),
            length: 6,
        }));

        let view = serde_json::to_value(NotificationView::new(&stored)).expect("JSON");

        let title = "Nadia K sent you a message";
        assert_eq!(
            view,
            json!({
                "id": 8,
                "user": {
                    "id": 9, "username": "omar", "first_name": "", "last_name": "",
                    "full_name": "omar", "profile_picture": null,
                },
                "actor": {
                    "id": 7, "username": "nadia", "first_name": "Nadia", "last_name": "K",
                    "full_name": "Nadia K", "profile_picture": null,
                },
                "sender": {"username": "nadia", "name": "Nadia K", "avatar": null},
                "verb": "message", "type": "message", "title": title, "message": title,
                "payload": {
                    "preview": "lunch?", "message_length": 6,
                    "message_id": "00000000-0000-0000-0000-00000000005b",
                    "conversation_id": "00000000-0000-0000-0000-0000000000c0",
                },
                "target_name": null, "action_url": "/messages", "is_read": false,
                "created_at": "2026-03-01T10:00:00.000001Z",
                "timestamp": "2026-03-01T10:00:00.000001Z",
                "updated_at": "2026-03-01T10:00:02.000000Z",
            })
        );
    }

    #[test]
    fn each_verb_has_its_payload() {
        let message = MessageId(Uuid::nil());
        let reaction = notification(Cause::Reaction { message, reaction: "❤️".into() });
        assert_eq!(
            NotificationView::new(&reaction).payload,
            json!({
                "reaction_type": "❤️",
                "reactor_username": "nadia",
                "message_id": "00000000-0000-0000-0000-000000000000",
            })
        );

        let follow = notification(Cause::Follow);
        let follow = NotificationView::new(&follow);
        assert_eq!(
            follow.payload,
            json!({"follower_username": "nadia", "follower_name": "Nadia K"})
        );
        assert_eq!(follow.action_url.as_deref(), Some("/profile/nadia"));
    }

    #[test]
    fn events_look_as_in_the_contract() {
        let now = at("2026-03-01T10:00:00Z");
        let nadia = Arc::new(named(7, "nadia", "Nadia", "K"));
        let follow = Follow {
            id: FollowId(Uuid::nil()),
            follower: nadia,
            followed: Arc::new(named(9, "omar", "", "")),
            created_at: now,
            read_at: None,
        };

        assert_eq!(
            NotificationEvent::unread_counts(3, 1, now).encode(),
            r#"{"type":"unread_count_update","message_count":3,"notification_count":1,"timestamp":"2026-03-01T10:00:00.000000Z"}"#
        );
        assert_eq!(
            NotificationEvent::follow(&follow).encode(),
            r#"{"type":"follow_notification","follow_id":"00000000-0000-0000-0000-000000000000","follower":{"id":7,"username":"nadia","full_name":"Nadia K","profile_picture":null},"message":"nadia started following you","timestamp":"2026-03-01T10:00:00.000000Z"}"#
        );
        let stored = notification(Cause::Follow);
        let view = NotificationView::new(&stored);
        let event =
            NotificationEvent::NewNotification { notification: &view, timestamp: Stamp(now) };
        assert!(
            event.encode().starts_with(r#"{"type":"new_notification","notification":{"id":8,"#)
        );
    }
}
