//! Token in, identity out: keys, tokens, tickets, passwords.

mod password;
mod secret_file;
mod ticket;
mod token;

pub use password::{PasswordCheck, hash_password, spend_time_of_a_check, verify_password};
pub use secret_file::{SecretFileError, load_or_create_secret};
pub use ticket::{Ticket, ticket_hash};
pub use token::{TokenError, TokenKeys, TokenPair, TokenType};
