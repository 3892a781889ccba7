//! What administrators may do. The only way to what is not theirs: every step is written down, in the
//! log and in the database, before anything is shown or together with what is changed.

mod history;
mod moderation;
mod record;
mod users;

pub use history::{MessageWithEdits, conversations, edits, history};
pub use moderation::{delete_message, set_active};
pub use record::record;
pub use users::{Accounts, account, accounts};

use crate::{commands::CommandError, storage::StorageError};

/// Why an administrator gets nothing.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Storage(#[from] StorageError),
}
