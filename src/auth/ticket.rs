//! Tickets: 256 random bits that open one WebSocket. Only their hash is kept.

use std::fmt::Write as _;

use aws_lc_rs::{digest, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Bytes of a ticket before they are written as text.
const BYTES: usize = 32;

/// Characters of a ticket.
const CHARS: usize = 43;

/// A fresh ticket.
#[derive(Clone)]
pub struct Ticket(String);

impl Ticket {
    /// `None` when the system has no randomness.
    pub fn generate() -> Option<Self> {
        let mut bytes = [0; BYTES];
        rand::fill(&mut bytes).ok()?;
        Some(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What the client is given.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket([redacted])")
    }
}

/// What a ticket is kept under; `None` for a text that cannot be one.
pub fn ticket_hash(text: &str) -> Option<String> {
    let is_one = text.len() == CHARS
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_one.then(|| hash(text))
}

fn hash(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes everything");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_known_by_its_hash_and_not_shown() {
        let ticket = Ticket::generate().expect("randomness");

        assert_eq!(ticket_hash(ticket.expose()), Some(ticket.hash()));
        assert_eq!(ticket.hash().len(), 64);
        assert!(!format!("{ticket:?}").contains(ticket.expose()));
        assert_ne!(Ticket::generate().expect("randomness").expose(), ticket.expose());
    }

    #[test]
    fn what_cannot_be_a_ticket_has_no_hash() {
        for text in ["", "x", &"x".repeat(42), &"x".repeat(44), &"é".repeat(43), &" ".repeat(43)] {
            assert_eq!(ticket_hash(text), None, "{text}");
        }
    }
}
