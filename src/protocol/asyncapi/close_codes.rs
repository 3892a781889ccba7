//! Why the server closes a connection, and what to do then.

use serde_json::{Value, json};

use crate::protocol::CloseCode;

/// The codes the server sends; 4010 only where somebody may come in without saying who he is.
pub(super) fn list(admits_anybody: bool) -> Vec<Value> {
    (0..=u16::MAX)
        .filter_map(CloseCode::from_number)
        .filter(|code| admits_anybody || *code != CloseCode::NobodyAuthenticated)
        .filter_map(|code| {
            let (meaning, reconnect) = advice(code)?;
            Some(json!({
                "code": code.number(),
                "reason": code.reason(),
                "meaning": meaning,
                "reconnect": reconnect,
            }))
        })
        .collect()
}

/// `None` for what the server does not send by itself.
fn advice(code: CloseCode) -> Option<(&'static str, &'static str)> {
    Some(match code {
        CloseCode::Normal
        | CloseCode::Internal
        | CloseCode::Overloaded
        | CloseCode::NotAuthenticated => return None,
        CloseCode::ProtocolError => {
            ("The bytes break the WebSocket protocol.", "no: a fault in the client")
        }
        CloseCode::InvalidUtf8 => ("A text message is not UTF-8.", "no: a fault in the client"),
        CloseCode::TooBig => (
            "A frame or an assembled message is larger than `limits.frame_bytes`.",
            "yes, without sending it again",
        ),
        CloseCode::Restart => (
            "The server is restarting.",
            "yes, after the time in `reconnect`, or with jittered backoff",
        ),
        CloseCode::Forbidden => ("The user was deactivated.", "no"),
        CloseCode::SlowConsumer => (
            "The client took no data, or answered no ping.",
            "yes, with jittered backoff; then load what was missed",
        ),
        CloseCode::TooManyConnections => (
            "The user has opened more than `limits.sockets_per_user` connections, and this one was \
             the oldest.",
            "no: it would close another one",
        ),
        CloseCode::NobodyAuthenticated => {
            ("Nobody said in time who he is.", "no, not without a token")
        }
        CloseCode::Flooding => (
            "The client went on sending although it was told to wait.",
            "yes, with jittered backoff",
        ),
    })
}
