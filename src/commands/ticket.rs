//! Give out a ticket that opens one WebSocket, and take it back.

use super::CommandError;
use crate::{
    domain::{Timestamp, UserId},
    storage::{Storage, StorageError, Tx},
};

#[derive(Clone, Debug)]
pub struct IssueTicket {
    pub user: UserId,
    pub hash: String,
    pub expires_at: Timestamp,
}

/// Use a ticket up.
#[derive(Clone, Debug)]
pub struct RedeemTicket {
    pub hash: String,
}

pub(super) async fn issue(
    storage: &Storage,
    tx: &Tx,
    issue: &IssueTicket,
) -> Result<Result<(), CommandError>, StorageError> {
    storage.insert_ticket(tx, &issue.hash, issue.user, issue.expires_at).await?;
    Ok(Ok(()))
}

/// Whose it was, if it was good.
pub(super) async fn redeem(
    storage: &Storage,
    tx: &Tx,
    redeem: &RedeemTicket,
    now: Timestamp,
) -> Result<Option<UserId>, StorageError> {
    storage.redeem_ticket(tx, &redeem.hash, now).await
}
