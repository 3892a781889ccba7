//! Reactions: one per member and message, an emoji or a short word.

/// What a reaction may be: 1 to [`Self::MAX_CHARS`] characters without spaces or control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionText(String);

/// A reaction that is empty, too long, or holds spaces or control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A reaction must be an emoji or a word of at most {} characters.", ReactionText::MAX_CHARS)]
pub struct InvalidReaction;

/// What a member does to his reaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReactionChange {
    /// Give it, in place of any other.
    Set(ReactionText),
    /// Give it, or take it back if it is the one that stands.
    Toggle(ReactionText),
    /// Take back whichever stands.
    Remove,
}

impl ReactionText {
    /// The longest emoji of Unicode 15, a family with skin tones, has 10 code points.
    pub const MAX_CHARS: usize = 10;

    pub fn parse(text: &str) -> Result<Self, InvalidReaction> {
        let text = text.trim();
        let length = text.chars().count();
        let is_printable = !text.chars().any(|char| char.is_control() || char.is_whitespace());
        if length == 0 || length > Self::MAX_CHARS || !is_printable {
            return Err(InvalidReaction);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_an_emoji_or_a_short_word() {
        for text in ["👍", "❤️", "like", "👩🏽‍❤️‍💋‍👩🏿"] {
            assert!(ReactionText::parse(text).is_ok(), "{text}");
        }
        for text in ["", " ", "a b", "a\0", &"a".repeat(11)] {
            assert_eq!(ReactionText::parse(text), Err(InvalidReaction), "{text}");
        }
    }
}
