//! Accounts and tokens (contract §1.1 to §1.6).

mod accounts;
mod login;
mod public_keys;
mod refresh;
mod tokens;
