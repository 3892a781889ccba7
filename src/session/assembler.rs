//! Puts fragmented messages together. The library limits each fragment; the sum is limited here.

use bytes::BytesMut;

use crate::protocol::CloseCode;

/// A message whose last fragment has not come yet.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    fragments: BytesMut,
    is_text: bool,
}

/// A whole message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Assembled {
    Text(String),
    Binary,
}

impl Assembler {
    pub fn begin(&mut self, is_text: bool, fragment: &[u8], limit: usize) -> Result<(), CloseCode> {
        self.fragments.clear();
        self.is_text = is_text;
        self.push(fragment, limit)
    }

    pub fn push(&mut self, fragment: &[u8], limit: usize) -> Result<(), CloseCode> {
        if self.fragments.len() + fragment.len() > limit {
            return Err(CloseCode::TooBig);
        }
        self.fragments.extend_from_slice(fragment);
        Ok(())
    }

    pub fn finish(&mut self, fragment: &[u8], limit: usize) -> Result<Assembled, CloseCode> {
        self.push(fragment, limit)?;
        let message = self.fragments.split();
        if !self.is_text {
            return Ok(Assembled::Binary);
        }
        String::from_utf8(message.into())
            .map(Assembled::Text)
            .map_err(|_not_utf8| CloseCode::InvalidUtf8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_become_one_message() {
        let mut assembler = Assembler::default();
        // The two bytes of é arrive apart.
        assembler.begin(true, b"caf\xc3", 10).expect("fits");

        assert_eq!(assembler.finish(b"\xa9", 10), Ok(Assembled::Text("café".into())));
    }

    #[test]
    fn the_sum_of_the_fragments_is_limited() {
        let mut assembler = Assembler::default();
        assembler.begin(true, b"12345", 10).expect("fits");
        assembler.push(b"12345", 10).expect("fits");

        assert_eq!(assembler.push(b"1", 10), Err(CloseCode::TooBig));
    }

    #[test]
    fn text_must_be_utf8_and_binary_need_not() {
        let mut assembler = Assembler::default();
        assembler.begin(true, b"\xff", 10).expect("fits");
        assert_eq!(assembler.finish(b"", 10), Err(CloseCode::InvalidUtf8));

        assembler.begin(false, b"\xff", 10).expect("fits");
        assert_eq!(assembler.finish(b"", 10), Ok(Assembled::Binary));
    }
}
