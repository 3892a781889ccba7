//! Refuses a frame by its header. The library checks the length of a frame only once the whole of it
//! is in memory: a header that announces 2^40 bytes would have it buffer them.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;

/// A stream of bytes that ends with [`PayloadError::Overflow`] at the first header of a frame larger
/// than the limit (RFC 6455 section 5.2).
#[derive(Debug)]
pub(super) struct FrameGuard<S> {
    stream: S,
    headers: Headers,
}

impl<S> FrameGuard<S> {
    pub fn new(stream: S, limit: usize) -> Self {
        Self { stream, headers: Headers::new(limit as u64) }
    }
}

impl<S> Stream for FrameGuard<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.stream).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &next
            && !self.headers.accept(bytes)
        {
            return Poll::Ready(Some(Err(PayloadError::Overflow)));
        }
        next
    }
}

/// Follows the frames of a byte stream without keeping their contents.
#[derive(Debug)]
struct Headers {
    limit: u64,
    /// Bytes of the current frame that are still to come.
    payload_left: u64,
    /// The beginning of a header, up to its length: two bytes and at most eight more.
    header: [u8; 10],
    header_len: usize,
}

/// The key that masks a client's payload.
const MASK_BYTES: u64 = 4;

impl Headers {
    const fn new(limit: u64) -> Self {
        Self { limit, payload_left: 0, header: [0; 10], header_len: 0 }
    }

    /// `false` once a frame is larger than the limit.
    fn accept(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let skipped = usize::try_from(self.payload_left).unwrap_or(usize::MAX).min(bytes.len());
            self.payload_left -= skipped as u64;
            bytes = &bytes[skipped..];
            let Some((byte, rest)) = bytes.split_first() else { break };
            self.header[self.header_len] = *byte;
            self.header_len += 1;
            bytes = rest;
            let Some(length) = self.length() else { continue };
            if length > self.limit {
                return false;
            }
            let is_masked = self.header[1] & 0x80 != 0;
            self.payload_left = length + if is_masked { MASK_BYTES } else { 0 };
            self.header_len = 0;
        }
        true
    }

    /// The length of the payload, once enough of the header is there.
    fn length(&self) -> Option<u64> {
        if self.header_len < 2 {
            return None;
        }
        match (self.header[1] & 0x7f, self.header_len) {
            (126, 4) => Some(u64::from(u16::from_be_bytes([self.header[2], self.header[3]]))),
            (127, 10) => {
                let mut length = [0; 8];
                length.copy_from_slice(&self.header[2..]);
                Some(u64::from_be_bytes(length))
            }
            (126 | 127, _) => None,
            (length, _) => Some(u64::from(length)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(length: usize) -> Vec<u8> {
        let mut frame = vec![0x81];
        match length {
            0..=125 => frame.push(0x80 | u8::try_from(length).expect("small")),
            126..=65_535 => {
                frame.push(0x80 | 0x7e);
                frame.extend(u16::try_from(length).expect("fits").to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 0x7f);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([1, 2, 3, 4]);
        frame.resize(frame.len() + length, 0xff);
        frame
    }

    #[test]
    fn a_header_is_enough_to_refuse_a_frame() {
        let mut header = vec![0x81, 0x80 | 0x7f];
        header.extend((1_u64 << 40).to_be_bytes());

        assert!(!Headers::new(65_536).accept(&header));
    }

    proptest! {
        #[test]
        fn frames_within_the_limit_pass_however_they_are_cut(
            lengths in prop::collection::vec(0_usize..70_000, 1..6),
            cut in 1_usize..4000,
        ) {
            let bytes: Vec<u8> = lengths.iter().flat_map(|length| frame(*length)).collect();
            let mut headers = Headers::new(1000);

            let accepted = bytes.chunks(cut).all(|chunk| headers.accept(chunk));

            prop_assert_eq!(accepted, lengths.iter().all(|length| *length <= 1000));
        }
    }
}
