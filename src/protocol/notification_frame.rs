//! What clients say over `/ws/notifications/` (contract §4).

use serde_json::Value;

use super::client_frame::{FrameError, fields, known_type, truthy, unknown_type};
use crate::{domain::NotificationId, protocol::ErrorCode};

/// One well-formed frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationFrame {
    MarkRead(NotificationId),
    MarkAllRead,
    Ping,
}

impl NotificationFrame {
    /// Every type of frame there is; others are not looked at.
    pub(super) const TYPES: [&str; 3] =
        ["mark_notification_read", "mark_all_notifications_read", "ping"];

    /// Reads one text frame.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        let fields = fields(text)?;
        match known_type(&fields, &Self::TYPES) {
            Some("mark_notification_read") => match truthy(fields.get("notification_id")) {
                Some(Value::Number(id)) => id.as_i64(),
                Some(Value::String(id)) => id.trim().parse().ok(),
                Some(_) | None => None,
            }
            .map(|id| Self::MarkRead(NotificationId(id)))
            .ok_or_else(|| {
                let field = Some("notification_id");
                FrameError::new(ErrorCode::Required, field, "notification_id is required")
            }),
            Some("mark_all_notifications_read") => Ok(Self::MarkAllRead),
            Some("ping") => Ok(Self::Ping),
            Some(_) | None => Err(unknown_type(fields.get("type"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_malformed_frame_has_its_text() {
        for (frame, text) in [
            ("nonsense", "Invalid message format"),
            ("[]", "An unexpected error occurred"),
            (r#"{"type":"zzz"}"#, "Unknown message type: zzz"),
            (r#"{"type":"mark_notification_read"}"#, "notification_id is required"),
            (
                r#"{"type":"mark_notification_read","notification_id":"x"}"#,
                "notification_id is required",
            ),
        ] {
            assert_eq!(NotificationFrame::parse(frame).expect_err(frame).text, text, "{frame}");
        }
    }
}
