//! What is read from the server's frames: only the few fields a measurement needs, not copied.

use std::fmt;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

#[derive(Debug, Deserialize)]
pub struct Frame<'a> {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub client_id: Option<&'a str>,
    #[serde(borrow, default)]
    pub message: Body<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    ConnectionEstablished,
    NewMessage,
    MessageSent,
    Error,
    #[serde(other)]
    Other,
}

/// The field `message`, which holds a message in some frames and a text for people in others.
#[derive(Debug, Default)]
pub enum Body<'a> {
    #[default]
    None,
    Text,
    Message(Stored<'a>),
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Stored<'a> {
    pub seq: u64,
    pub client_id: Option<&'a str>,
}

impl<'a> Frame<'a> {
    pub fn parse(text: &'a str) -> Result<Self> {
        serde_json::from_str(text).with_context(|| format!("unexpected frame {text}"))
    }

    /// The stored message this frame tells of, and the name its sender gave it.
    pub fn stored(&self) -> Option<(u64, &'a str)> {
        match self.message {
            Body::Message(Stored { seq, client_id }) => Some((seq, client_id.or(self.client_id)?)),
            Body::None | Body::Text => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Body<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BodyVisitor)
    }
}

struct BodyVisitor;

impl<'de> Visitor<'de> for BodyVisitor {
    type Value = Body<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message or a text")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Stored::deserialize(MapAccessDeserializer::new(map)).map(Body::Message)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Body::Text)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Body::None)
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, Kind};

    #[test]
    fn a_message_frame_tells_seq_and_client_id() {
        let text = r#"{"type":"new_message","message":{"id":"x","seq":7,"client_id":"a-1"}}"#;

        let frame = Frame::parse(text).unwrap();

        assert_eq!((frame.kind, frame.stored()), (Kind::NewMessage, Some((7, "a-1"))));
    }

    #[test]
    fn an_acknowledgement_may_name_the_client_id_outside() {
        let text = r#"{"type":"message_sent","client_id":"a-1","message":{"seq":7}}"#;

        assert_eq!(Frame::parse(text).unwrap().stored(), Some((7, "a-1")));
    }

    #[test]
    fn a_text_for_people_is_no_message() {
        let text = r#"{"type":"error","message":"Recipient \"x\" not found"}"#;

        let frame = Frame::parse(text).unwrap();

        assert_eq!((frame.kind, frame.stored()), (Kind::Error, None));
    }

    #[test]
    fn frames_of_no_interest_are_read_all_the_same() {
        let text = r#"{"type":"user_status","user_id":9,"message":null}"#;

        assert_eq!(Frame::parse(text).unwrap().kind, Kind::Other);
    }
}
