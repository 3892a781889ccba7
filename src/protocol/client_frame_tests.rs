//! Frames of `/ws/chat/`: every malformed one and its answer.

use proptest::prelude::*;

use super::*;
use crate::{
    domain::{ClientId, UserId},
    protocol::MessageTarget,
};

fn error(text: &str) -> (String, ErrorCode, Option<&'static str>) {
    let error = ClientFrame::parse(text, 10).expect_err(text);
    (error.text, error.code, error.field)
}

#[test]
fn every_malformed_frame_has_its_text() {
    use ErrorCode::{Invalid, InvalidFrame, NotFound, Required, TooLong, UnknownType};
    let required = "recipient_id and text are required";
    for (frame, text, code, field) in [
        ("nonsense", "Invalid message format", InvalidFrame, None),
        ("", "Invalid message format", InvalidFrame, None),
        ("[]", "An unexpected error occurred", InvalidFrame, None),
        ("null", "An unexpected error occurred", InvalidFrame, None),
        ("5", "An unexpected error occurred", InvalidFrame, None),
        (r#""x""#, "An unexpected error occurred", InvalidFrame, None),
        ("{}", "Unknown message type: None", UnknownType, Some("type")),
        (r#"{"type":null}"#, "Unknown message type: None", UnknownType, Some("type")),
        (r#"{"type":"zzz"}"#, "Unknown message type: zzz", UnknownType, Some("type")),
        (r#"{"type":5}"#, "Unknown message type: 5", UnknownType, Some("type")),
        (r#"{"type":"message"}"#, required, Required, Some("text")),
        (r#"{"type":"message","text":"x"}"#, required, Required, Some("recipient_id")),
        (
            r#"{"type":"message","recipient_id":0,"text":"x"}"#,
            required,
            Required,
            Some("recipient_id"),
        ),
        (r#"{"type":"message","recipient_id":9,"text":"  "}"#, required, Required, Some("text")),
        (r#"{"type":"message","recipient_id":9,"text":null}"#, required, Required, Some("text")),
        (
            r#"{"type":"message","recipient_id":9,"text":5}"#,
            "Failed to send message: text must be a string",
            Invalid,
            Some("text"),
        ),
        (
            r#"{"type":"message","recipient_id":"nine","text":"x"}"#,
            "Recipient not found",
            NotFound,
            Some("recipient_id"),
        ),
        (
            r#"{"type":"message","recipient_id":99999999999999999999,"text":"x"}"#,
            "Recipient not found",
            NotFound,
            Some("recipient_id"),
        ),
        (
            r#"{"type":"message","recipient_id":[9],"text":"x"}"#,
            "Recipient not found",
            NotFound,
            Some("recipient_id"),
        ),
        (
            r#"{"type":"message","recipient_id":9,"text":"x","reply_to_id":"no"}"#,
            "Reply message not found",
            NotFound,
            Some("reply_to_id"),
        ),
        (
            r#"{"type":"message","recipient_id":9,"text":"12345678901"}"#,
            "Message content is too long (max 10 characters).",
            TooLong,
            Some("text"),
        ),
        (
            "{\"type\":\"message\",\"recipient_id\":9,\"text\":\"a\\u0000b\"}",
            "Null characters are not allowed.",
            Invalid,
            Some("text"),
        ),
        (
            r#"{"type":"message","recipient_id":9,"text":"x","client_id":""}"#,
            "client_id must be 1 to 64 characters without control characters.",
            Invalid,
            Some("client_id"),
        ),
        (r#"{"type":"mark_read"}"#, "message_id is required", Required, Some("message_id")),
        (
            r#"{"type":"mark_read","message_id":"no"}"#,
            "Message not found",
            NotFound,
            Some("message_id"),
        ),
    ] {
        assert_eq!(error(frame), (text.to_owned(), code, field), "{frame}");
    }
}

#[test]
fn a_message_names_its_recipient_as_number_or_numeric_string() {
    for recipient in ["9", r#""9""#, r#"" 9 ""#] {
        let frame = format!(r#"{{"type":"message","recipient_id":{recipient},"text":" hi "}}"#);

        let Ok(ClientFrame::Message(message)) = ClientFrame::parse(&frame, 10) else {
            panic!("{frame}");
        };

        assert_eq!(message.target, MessageTarget::User(UserId(9)));
        assert_eq!(message.text.as_str(), "hi");
        assert_eq!(message.reply_to, None);
    }
}

#[test]
fn an_error_names_the_message_it_is_about() {
    let frame = r#"{"type":"message","recipient_id":"x","text":"hi","client_id":"c-1"}"#;

    let error = ClientFrame::parse(frame, 10).expect_err("no such recipient");

    assert_eq!(error.client_id, ClientId::parse("c-1").ok());
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        drop(ClientFrame::parse(&text, 10));
    }

    #[test]
    fn no_json_makes_the_parser_panic(
        field in "type|recipient_id|text|reply_to_id|client_id|message_id|conversation_id",
        value in "null|true|-1|1e400|\"\"|\"x\"|\\[\\]|\\{\\}|\\[\\[1\\]\\]",
    ) {
        let frame = format!(
            r#"{{"type":"message","recipient_id":9,"text":"hi","{field}":{value}}}"#
        );
        drop(ClientFrame::parse(&frame, 10));
    }
}
