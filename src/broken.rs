//! Ways to be wrong, for the tests that must notice: compiled with the feature `broken-builds` only,
//! which nothing but one example of the tests asks for, and chosen by `BROKEN_BUILD`.

use std::sync::OnceLock;

/// Whether the server is broken in this way: `ack-before-commit`, `no-unique-key`,
/// `sequence-outside`, `deliver-before-commit` or `no-gap-repair`.
pub fn is(how: &str) -> bool {
    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var("BROKEN_BUILD").ok()).as_deref() == Some(how)
}
