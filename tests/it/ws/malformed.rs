//! Every malformed frame has its text, and none of them costs the connection (contract §2.2).

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::on_both_databases;

/// An id nothing has.
const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

/// Frames that need no knowledge of the server: frame, text, code, field.
const FRAMES: &[(&str, &str, &str, Option<&str>)] = &[
    ("nonsense", "Invalid message format", "invalid_frame", None),
    ("", "Invalid message format", "invalid_frame", None),
    ("{\"type\":\"ping\"", "Invalid message format", "invalid_frame", None),
    ("[]", "An unexpected error occurred", "invalid_frame", None),
    ("null", "An unexpected error occurred", "invalid_frame", None),
    ("5", "An unexpected error occurred", "invalid_frame", None),
    ("\"x\"", "An unexpected error occurred", "invalid_frame", None),
    ("true", "An unexpected error occurred", "invalid_frame", None),
    ("{}", "Unknown message type: None", "unknown_type", Some("type")),
    (r#"{"type":null}"#, "Unknown message type: None", "unknown_type", Some("type")),
    (r#"{"type":"zzz"}"#, "Unknown message type: zzz", "unknown_type", Some("type")),
    (r#"{"type":5}"#, "Unknown message type: 5", "unknown_type", Some("type")),
    (r#"{"type":"mark_read"}"#, "message_id is required", "required", Some("message_id")),
    (
        r#"{"type":"mark_read","message_id":null}"#,
        "message_id is required",
        "required",
        Some("message_id"),
    ),
    (
        r#"{"type":"mark_read","message_id":"no"}"#,
        "Message not found",
        "not_found",
        Some("message_id"),
    ),
    (
        r#"{"type":"mark_read","message_id":"00000000-0000-4000-8000-000000000000"}"#,
        "Message not found",
        "not_found",
        Some("message_id"),
    ),
    (
        r#"{"type":"mark_read","conversation_id":"no"}"#,
        "Conversation not found",
        "not_found",
        Some("conversation_id"),
    ),
    (
        r#"{"type":"mark_read","conversation_id":"00000000-0000-4000-8000-000000000000"}"#,
        "Conversation not found",
        "not_found",
        Some("conversation_id"),
    ),
    (
        r#"{"type":"add_reaction","reaction":"x"}"#,
        "message_id and reaction/reaction_type are required",
        "required",
        Some("message_id"),
    ),
    (
        r#"{"type":"react","message_id":"00000000-0000-4000-8000-000000000000"}"#,
        "message_id and reaction/reaction_type are required",
        "required",
        Some("reaction"),
    ),
    (
        r#"{"type":"remove_reaction","message_id":"00000000-0000-4000-8000-000000000000"}"#,
        "message_id and reaction/reaction_type are required",
        "required",
        Some("reaction"),
    ),
    (
        r#"{"type":"add_reaction","message_id":"no","reaction_type":"x"}"#,
        "Message not found",
        "not_found",
        Some("message_id"),
    ),
    (
        r#"{"type":"react","message_id":"00000000-0000-4000-8000-000000000000","reaction":"x"}"#,
        "Message not found",
        "not_found",
        Some("message_id"),
    ),
];

const REQUIRED: &str = "recipient_id and text are required";

/// What is wrong with a `message` frame to `omar` (or to `nadia` himself), the text, the code and
/// the field.
fn bad_messages(nadia: i64, omar: i64) -> Vec<(Value, &'static str, &'static str, &'static str)> {
    let unknown = "Recipient not found";
    vec![
        (json!({}), REQUIRED, "required", "text"),
        (json!({"recipient_id": omar}), REQUIRED, "required", "text"),
        (json!({"recipient_id": omar, "text": null}), REQUIRED, "required", "text"),
        (json!({"recipient_id": omar, "text": ""}), REQUIRED, "required", "text"),
        (json!({"recipient_id": omar, "text": " \n\t"}), REQUIRED, "required", "text"),
        (json!({"text": "x"}), REQUIRED, "required", "recipient_id"),
        (json!({"text": "x", "recipient_id": null}), REQUIRED, "required", "recipient_id"),
        (json!({"text": "x", "recipient_id": ""}), REQUIRED, "required", "recipient_id"),
        (json!({"text": "x", "recipient_id": 0}), REQUIRED, "required", "recipient_id"),
        (json!({"text": "x", "recipient_id": 404_404}), unknown, "not_found", "recipient_id"),
        (json!({"text": "x", "recipient_id": -1}), unknown, "not_found", "recipient_id"),
        (json!({"text": "x", "recipient_id": "nine"}), unknown, "not_found", "recipient_id"),
        (json!({"text": "x", "recipient_id": [omar]}), unknown, "not_found", "recipient_id"),
        (json!({"text": "x", "recipient_id": 1.5}), unknown, "not_found", "recipient_id"),
        (
            json!({"text": "x", "recipient_id": nadia}),
            "Cannot send message to yourself",
            "self_recipient",
            "recipient_id",
        ),
        (
            json!({"text": 5, "recipient_id": omar}),
            "Failed to send message: text must be a string",
            "invalid",
            "text",
        ),
        (
            json!({"text": "x".repeat(8001), "recipient_id": omar}),
            "Message content is too long (max 8000 characters).",
            "too_long",
            "text",
        ),
        (
            json!({"text": "a\u{0}b", "recipient_id": omar}),
            "Null characters are not allowed.",
            "invalid",
            "text",
        ),
        (
            json!({"text": "x", "recipient_id": omar, "reply_to_id": "no"}),
            "Reply message not found",
            "not_found",
            "reply_to_id",
        ),
        (
            json!({"text": "x", "recipient_id": omar, "reply_to_id": NOWHERE}),
            "Reply message not found",
            "not_found",
            "reply_to_id",
        ),
        (
            json!({"text": "x", "conversation_id": NOWHERE}),
            "Conversation not found",
            "not_found",
            "conversation_id",
        ),
        (
            json!({"text": "x", "recipient_id": omar, "client_id": ""}),
            "client_id must be 1 to 64 characters without control characters.",
            "invalid",
            "client_id",
        ),
        (
            json!({"text": "x", "recipient_id": omar, "client_id": 5}),
            "client_id must be 1 to 64 characters without control characters.",
            "invalid",
            "client_id",
        ),
        (
            json!({"text": "x", "recipient_id": omar, "client_id": "x".repeat(65)}),
            "client_id must be 1 to 64 characters without control characters.",
            "invalid",
            "client_id",
        ),
    ]
}

on_both_databases! {
    async fn a_malformed_frame_is_answered_with_its_text_and_costs_nothing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut socket = nadia.connect().await;
        let mut rows: Vec<_> = FRAMES
            .iter()
            .map(|(frame, text, code, field)| ((*frame).to_owned(), *text, *code, *field))
            .collect();
        for (mut frame, text, code, field) in bad_messages(nadia.id, omar.id) {
            frame["type"] = "message".into();
            rows.push((frame.to_string(), text, code, Some(field)));
        }

        for (frame, text, code, field) in rows {
            socket.send_raw(Message::text(frame.clone())).await;
            let error = socket.expect("error").await;

            assert_eq!(error["message"], text, "{frame}");
            assert_eq!(error["code"], code, "{frame}");
            assert_eq!(error.get("field").and_then(Value::as_str), field, "{frame}");
            assert_eq!(socket.drain().await, Vec::<Value>::new(), "{frame}");
        }
        assert_eq!(omar.history_with(&nadia).await, Vec::<Value>::new());
    }

    async fn a_refused_message_is_named_by_its_client_id(app) {
        let nadia = app.person("nadia").await;
        let mut socket = nadia.connect().await;

        for frame in [
            json!({"type": "message", "recipient_id": 404_404, "text": "x", "client_id": "c-1"}),
            json!({"type": "message", "recipient_id": "nine", "text": "x", "client_id": "c-1"}),
        ] {
            socket.send(frame).await;
            assert_eq!(socket.expect("error").await["client_id"], "c-1");
        }
    }

    async fn a_conversation_of_others_looks_like_one_that_does_not_exist(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let theirs = nadia.conversation_with(&omar).await;
        let mut outsider = app.person("mallory").await.connect().await;

        for id in [&theirs, NOWHERE] {
            let send = json!({"type": "message", "conversation_id": id, "text": "x"});
            assert_eq!(outsider.refused(send).await, "Conversation not found");
            let mark = json!({"type": "mark_read", "conversation_id": id});
            assert_eq!(outsider.refused(mark).await, "Conversation not found");
        }
        assert_eq!(nadia.history_with(&omar).await, Vec::<Value>::new());
    }
}
