//! The WebSocket protocol itself: what is tolerated, and which Close code answers the rest.

use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::{helpers::RawSocket, on_both_databases};

/// Longest message a client may send, in bytes.
const FRAME_BYTES: usize = 65_536;

fn fragment(text: &'static [u8], opcode: Data, is_final: bool) -> Message {
    Message::Frame(Frame::message(text, OpCode::Data(opcode), is_final))
}

on_both_databases! {
    async fn a_ping_is_answered(app) {
        let mut socket = app.person("nadia").await.connect().await;

        socket.send(json!({"type": "ping"})).await;

        assert_eq!(socket.receive().await, json!({"type": "pong"}));
    }

    async fn a_binary_frame_is_refused_and_the_connection_stays(app) {
        let mut socket = app.person("nadia").await.connect().await;

        for bytes in [&b"{\"type\":\"ping\"}"[..], b"\xff\x00", b""] {
            socket.send_raw(Message::binary(bytes)).await;
            assert_eq!(socket.expect("error").await["message"], "Invalid message format");
        }
        assert!(socket.drain().await.is_empty());
    }

    async fn a_fragmented_text_is_put_together(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, mut omars) = (nadia.connect().await, omar.connect().await);
        let head = format!("{{\"type\":\"message\",\"recipient_id\":{},\"text\":\"caf", omar.id);

        nadias
            .send_raw(Message::Frame(Frame::message(head, OpCode::Data(Data::Text), false)))
            .await;
        // The two bytes of é arrive apart, with a ping between them.
        nadias.send_raw(fragment(b"\xc3", Data::Continue, false)).await;
        nadias.send_raw(Message::Ping("between".into())).await;
        nadias.send_raw(fragment(b"\xa9\"}", Data::Continue, true)).await;

        assert_eq!(omars.expect("new_message").await["message"]["text"], "café");
    }

    async fn the_largest_message_passes_and_a_larger_one_closes(app) {
        let mut socket = app.person("nadia").await.connect().await;
        let padded = |size: usize| {
            let frame = r#"{"type":"ping","padding":""}"#;
            let padding = "x".repeat(size - frame.len());
            Message::text(frame.replace(r#""""#, &format!("\"{padding}\"")))
        };

        socket.send_raw(padded(FRAME_BYTES)).await;
        socket.expect("pong").await;
        socket.send_raw(padded(FRAME_BYTES + 1)).await;

        assert_eq!(socket.close_code().await, 1009);
    }

    async fn fragments_that_are_too_much_together_close(app) {
        let nadia = app.person("nadia").await;
        let mut socket = nadia.connect().await;
        let part = "x".repeat(FRAME_BYTES / 2);

        let frame = Frame::message(part.clone(), OpCode::Data(Data::Text), false);
        socket.send_raw(Message::Frame(frame)).await;
        for _ in 0..2 {
            let frame = Frame::message(part.clone(), OpCode::Data(Data::Continue), false);
            socket.send_raw(Message::Frame(frame)).await;
        }

        assert_eq!(socket.close_code().await, 1009);
    }

    async fn a_header_that_announces_too_much_closes_at_once(app) {
        let nadia = app.person("nadia").await;
        for length in [1_u64 << 40, u64::MAX, 65_537] {
            let mut socket = RawSocket::open(app, &nadia).await;
            let mut header = vec![0x81, 0x80 | 127];
            header.extend(length.to_be_bytes());
            header.extend([1, 2, 3, 4]);

            socket.send(&header).await;

            assert_eq!(socket.close_code().await, 1009, "{length}");
            socket.end().await;
        }
    }

    async fn text_that_is_not_utf_8_closes(app) {
        let nadia = app.person("nadia").await;

        let mut whole = RawSocket::open(app, &nadia).await;
        whole.send_frame(0x81, b"\xff\xfe").await;
        assert_eq!(whole.close_code().await, 1007);
        whole.end().await;

        let mut fragmented = RawSocket::open(app, &nadia).await;
        fragmented.send_frame(0x01, b"\xc3").await;
        fragmented.send_frame(0x80, b"x").await;
        assert_eq!(fragmented.close_code().await, 1007);
        fragmented.end().await;
    }

    async fn frames_that_break_the_protocol_close(app) {
        let nadia = app.person("nadia").await;
        // Each is sent as it stands; the first byte is FIN, three reserved bits and the opcode.
        for (name, bytes) in [
            ("unmasked", &[0x81, 0x01, b'x'][..]),
            ("first reserved bit", &[0xc1, 0x81, 1, 2, 3, 4, b'x']),
            ("second reserved bit", &[0xa1, 0x81, 1, 2, 3, 4, b'x']),
            ("third reserved bit", &[0x91, 0x81, 1, 2, 3, 4, b'x']),
            ("unknown opcode", &[0x83, 0x81, 1, 2, 3, 4, b'x']),
            ("continuation of nothing", &[0x80, 0x81, 1, 2, 3, 4, b'x']),
            ("fragmented ping", &[0x09, 0x81, 1, 2, 3, 4, b'x']),
        ] {
            let mut socket = RawSocket::open(app, &nadia).await;
            socket.send(bytes).await;
            assert_eq!(socket.close_code().await, 1002, "{name}");
            socket.end().await;
        }
    }

    async fn a_broken_connection_does_not_disturb_the_others(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut healthy = omar.connect_v2().await;
        let mut broken = RawSocket::open(app, &omar).await;

        broken.send(&[0x81, 0x01, b'x']).await;
        assert_eq!(broken.close_code().await, 1002);
        nadia.connect().await.say(omar.id, "hello").await;

        assert_eq!(healthy.expect("new_message").await["message"]["text"], "hello");
    }

    async fn a_close_frame_is_answered_with_its_own_code(app) {
        let nadia = app.person("nadia").await;
        let mut socket = RawSocket::open(app, &nadia).await;

        socket.send_frame(0x88, &1000_u16.to_be_bytes()).await;

        assert_eq!(socket.close_code().await, 1000);
        socket.end().await;
    }
}
