//! Passwords: argon2id for new ones; those of the Django service are verified and then replaced.

use std::num::NonZeroU32;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use aws_lc_rs::pbkdf2;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Django raises its default every release; far beyond lies only a slow login.
const MAX_PBKDF2_ITERATIONS: u32 = 10_000_000;

/// Outcome of a password check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    Wrong,
    Right,
    /// Right, and the stored hash should be replaced by a modern one.
    RightButOutdated,
}

/// An argon2id hash in PHC form. Slow on purpose: call it on a blocking thread.
pub fn hash_password(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("a random salt and a bounded password can be hashed")
        .to_string()
}

/// Checks a password against an argon2 hash or Django's `pbkdf2_sha256$iterations$salt$hash`.
/// Slow on purpose: call it on a blocking thread.
pub fn verify_password(password: &str, stored: &str) -> PasswordCheck {
    if let Some(django) = stored.strip_prefix("pbkdf2_sha256$") {
        return if verify_pbkdf2(password, django) == Some(true) {
            PasswordCheck::RightButOutdated
        } else {
            PasswordCheck::Wrong
        };
    }
    let right = PasswordHash::new(stored)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    if right { PasswordCheck::Right } else { PasswordCheck::Wrong }
}

/// Takes as long as a real check, so that an unknown user name cannot be told by the clock.
pub fn spend_time_of_a_check(password: &str) {
    drop(hash_password(password));
}

fn verify_pbkdf2(password: &str, parameters: &str) -> Option<bool> {
    let mut parts = parameters.splitn(3, '$');
    let iterations: u32 = parts.next()?.parse().ok()?;
    let salt = parts.next()?;
    let hash = STANDARD.decode(parts.next()?).ok()?;
    if iterations > MAX_PBKDF2_ITERATIONS || hash.is_empty() {
        return None;
    }
    let verified = pbkdf2::verify(
        pbkdf2::PBKDF2_HMAC_SHA256,
        NonZeroU32::new(iterations)?,
        salt.as_bytes(),
        password.as_bytes(),
        &hash,
    );
    Some(verified.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python 3.11: `hashlib.pbkdf2_hmac("sha256", b"correct horse", b"NaCl4Django", 1000)`.
    const DJANGO: &str =
        "pbkdf2_sha256$1000$NaCl4Django$fQ5MnXqKqL8IEBhgngd6Qsjebo7mHzRwAe5uMrIwn9E=";

    #[test]
    fn a_new_password_is_argon2id() {
        let stored = hash_password("correct horse");

        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(verify_password("correct horse", &stored), PasswordCheck::Right);
        assert_eq!(verify_password("battery staple", &stored), PasswordCheck::Wrong);
    }

    #[test]
    fn a_django_password_is_right_but_outdated() {
        assert_eq!(verify_password("correct horse", DJANGO), PasswordCheck::RightButOutdated);
        assert_eq!(verify_password("battery staple", DJANGO), PasswordCheck::Wrong);
    }

    #[test]
    fn unusable_and_broken_hashes_never_match() {
        for stored in [
            "",
            "!unusable",
            "pbkdf2_sha256$",
            "pbkdf2_sha256$0$salt$AAAA",
            "md5$x$y",
            "pbkdf2_sha256$99999999999$s$AAAA",
            "pbkdf2_sha256$1$salt$",
            "$argon2id$broken",
        ] {
            assert_eq!(verify_password("", stored), PasswordCheck::Wrong, "{stored}");
            assert_eq!(verify_password("x", stored), PasswordCheck::Wrong, "{stored}");
        }
    }
}
