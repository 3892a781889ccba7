//! What a client knows already: the frame `resume` and the parameters of its REST twin.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{ErrorCode, frame_fields::FrameError};
use crate::domain::{ConversationId, KNOWN_MAX, KnownRevs, Rev};

/// Longest epoch that is looked at.
const EPOCH_CHARS: usize = 64;

/// What a client knows, and of which database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResumeFrame {
    pub known: KnownRevs,
    /// Always there when anything is known.
    pub epoch: Option<String>,
}

/// Why what a client says it knows cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCursors {
    #[error("cursors is required: an object with the rev of each conversation.")]
    Missing,
    #[error("cursors must give each conversation id its rev.")]
    Malformed,
    #[error("cursors may name at most {KNOWN_MAX} conversations.")]
    TooMany,
    #[error("cursors has a key that is not a conversation id.")]
    NoId,
    #[error("cursors has a rev that is not an integer from 0.")]
    NoRev,
    #[error("epoch is required with cursors.")]
    NoEpoch,
    #[error("epoch must be a text of at most {EPOCH_CHARS} characters.")]
    InvalidEpoch,
}

impl InvalidCursors {
    /// The field that is wrong.
    pub fn field(self) -> &'static str {
        match self {
            Self::NoEpoch | Self::InvalidEpoch => "epoch",
            Self::Missing | Self::Malformed | Self::TooMany | Self::NoId | Self::NoRev => "cursors",
        }
    }

    fn code(self) -> ErrorCode {
        match self {
            Self::Missing | Self::NoEpoch => ErrorCode::Required,
            Self::TooMany => ErrorCode::TooLong,
            Self::Malformed | Self::NoId | Self::NoRev | Self::InvalidEpoch => ErrorCode::Invalid,
        }
    }
}

impl From<InvalidCursors> for FrameError {
    fn from(error: InvalidCursors) -> Self {
        Self::new(error.code(), Some(error.field()), error.to_string())
    }
}

impl ResumeFrame {
    pub(super) fn parse(fields: &Map<String, Value>) -> Result<Self, InvalidCursors> {
        let cursors = match fields.get("cursors") {
            None | Some(Value::Null) => return Err(InvalidCursors::Missing),
            Some(Value::Object(cursors)) => cursors,
            Some(_) => return Err(InvalidCursors::Malformed),
        };
        let cursors = cursors.iter().map(|(id, rev)| Ok((id.as_str(), rev.as_i64())));
        let epoch = match fields.get("epoch") {
            None | Some(Value::Null) => None,
            Some(Value::String(epoch)) => Some(epoch.as_str()),
            Some(_) => return Err(InvalidCursors::InvalidEpoch),
        };
        Self::new(cursors, epoch)
    }

    /// From a query: `ID:REV,ID:REV` and the epoch.
    pub fn from_query(cursors: Option<&str>, epoch: Option<&str>) -> Result<Self, InvalidCursors> {
        let cursors = cursors.unwrap_or_default().split(',').filter(|cursor| !cursor.is_empty());
        let cursors = cursors.map(|cursor| {
            let (id, rev) = cursor.split_once(':').ok_or(InvalidCursors::Malformed)?;
            Ok((id, rev.parse().ok()))
        });
        Self::new(cursors, epoch.filter(|epoch| !epoch.is_empty()))
    }

    fn new<'a>(
        cursors: impl Iterator<Item = Result<(&'a str, Option<i64>), InvalidCursors>>,
        epoch: Option<&str>,
    ) -> Result<Self, InvalidCursors> {
        let mut known = KnownRevs::new();
        for (place, cursor) in cursors.enumerate() {
            if place == KNOWN_MAX {
                return Err(InvalidCursors::TooMany);
            }
            let (id, rev) = cursor?;
            let id = Uuid::parse_str(id).map_err(|_malformed| InvalidCursors::NoId)?;
            let rev = rev.filter(|rev| *rev >= 0).ok_or(InvalidCursors::NoRev)?;
            known.insert(ConversationId(id), Rev(rev));
        }
        check_epoch(epoch)?;
        if epoch.is_none() && !known.is_empty() {
            return Err(InvalidCursors::NoEpoch);
        }
        Ok(Self { known, epoch: epoch.map(ToOwned::to_owned) })
    }
}

/// Whether an epoch may be one.
pub fn check_epoch(epoch: Option<&str>) -> Result<(), InvalidCursors> {
    let is_short = epoch.is_none_or(|epoch| epoch.chars().count() <= EPOCH_CHARS);
    is_short.then_some(()).ok_or(InvalidCursors::InvalidEpoch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ID: &str = "01a20d7b-b974-7025-9a15-65e9af6a1053";

    fn parse(frame: &Value) -> Result<ResumeFrame, InvalidCursors> {
        ResumeFrame::parse(frame.as_object().expect("an object"))
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let many: Map<_, _> = (0..=KNOWN_MAX)
            .map(|number| (Uuid::from_u128(number as u128).to_string(), json!(1)))
            .collect();
        for (frame, error) in [
            (json!({}), InvalidCursors::Missing),
            (json!({"cursors": null}), InvalidCursors::Missing),
            (json!({"cursors": []}), InvalidCursors::Malformed),
            (json!({"cursors": "x"}), InvalidCursors::Malformed),
            (json!({"cursors": many, "epoch": "e"}), InvalidCursors::TooMany),
            (json!({"cursors": {"x": 1}, "epoch": "e"}), InvalidCursors::NoId),
            (json!({"cursors": {ID: -1}, "epoch": "e"}), InvalidCursors::NoRev),
            (json!({"cursors": {ID: 1.5}, "epoch": "e"}), InvalidCursors::NoRev),
            (json!({"cursors": {ID: "1"}, "epoch": "e"}), InvalidCursors::NoRev),
            (json!({"cursors": {ID: 1e30}, "epoch": "e"}), InvalidCursors::NoRev),
            (json!({"cursors": {ID: null}, "epoch": "e"}), InvalidCursors::NoRev),
            (json!({"cursors": {ID: 1}}), InvalidCursors::NoEpoch),
            (json!({"cursors": {}, "epoch": 5}), InvalidCursors::InvalidEpoch),
            (json!({"cursors": {}, "epoch": "x".repeat(65)}), InvalidCursors::InvalidEpoch),
        ] {
            assert_eq!(parse(&frame), Err(error), "{frame}");
        }
        for (query, error) in [
            (ID.to_owned(), InvalidCursors::Malformed),
            ("x:1".to_owned(), InvalidCursors::NoId),
            (format!("{ID}:-1"), InvalidCursors::NoRev),
            (format!("{ID}:99999999999999999999"), InvalidCursors::NoRev),
            (format!("{ID}:1,").repeat(KNOWN_MAX + 1), InvalidCursors::TooMany),
        ] {
            assert_eq!(ResumeFrame::from_query(Some(&query), Some("e")), Err(error));
        }
    }

    #[test]
    fn frame_and_query_say_the_same() {
        let frame = parse(&json!({"cursors": {ID: 7}, "epoch": "e"})).expect("a frame");

        assert_eq!(frame.known.len(), 1);
        assert_eq!(Ok(frame), ResumeFrame::from_query(Some(&format!("{ID}:7")), Some("e")));
        assert_eq!(parse(&json!({"cursors": {}})), Ok(ResumeFrame::default()));
        assert_eq!(ResumeFrame::from_query(None, None), Ok(ResumeFrame::default()));
    }

    proptest! {
        #[test]
        fn no_query_makes_the_parser_panic(cursors in ".{0,100}", epoch in ".{0,100}") {
            drop(ResumeFrame::from_query(Some(&cursors), Some(&epoch)));
        }
    }
}
