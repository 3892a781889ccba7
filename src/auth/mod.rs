//! Token in, identity out: keys, tokens, tickets, passwords.

mod claims;
mod key_refresh;
mod keys;
mod password;
mod secret_file;
mod ticket;
mod token;

pub use claims::ClaimRules;
pub use key_refresh::keep_fresh;
pub use keys::{Key, KeyError, keys_from_file};
pub use password::{PasswordCheck, hash_password, spend_time_of_a_check, verify_password};
pub use secret_file::{SecretFileError, load_or_create_secret};
pub use ticket::{Ticket, ticket_hash};
pub use token::{Lifetimes, TokenError, TokenKeys, TokenPair, TokenType};
