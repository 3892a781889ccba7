//! Note something for oneself.

use serde_json::{Map, Value};

use super::{CommandError, notify::notify};
use crate::{
    domain::{Cause, Notice, Notification, Person, Timestamp},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct CreateNotification {
    pub user: Person,
    pub verb: String,
    pub text: String,
    pub payload: Map<String, Value>,
}

pub(super) async fn store(
    storage: &Storage,
    tx: &Tx,
    create: &CreateNotification,
    now: Timestamp,
) -> Result<Result<Notification, CommandError>, StorageError> {
    let CreateNotification { user, verb, text, payload } = create.clone();
    let cause = Cause::Other { verb, text, payload };
    let notice = Notice { recipient: user, actor: None, cause };
    let created = notify(storage, tx, [notice], now).await?.pop().flatten();
    Ok(created.ok_or(CommandError::Internal))
}
