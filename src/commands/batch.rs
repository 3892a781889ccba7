//! Storing many commands in one transaction.
//!
//! Messages first, all in the same few statements; then everything else, one by one. Commands of
//! one batch were in flight together, so any order is one their askers might have seen; messages
//! keep theirs.

use std::sync::Arc;

use super::{
    Command, CommandError, Outcome, change_settings, create_notification, delete_message,
    delete_notification, device, edit_message, follow_user, hide_conversation, mark_read,
    moderate_message, react, read_follows, read_notifications, record_access, record_last_active,
    register_user, replace_password_hash, send_message, set_active, start_conversation,
    suspend_user, ticket, unfollow_user, update_profile,
};
use crate::{
    domain::Timestamp,
    protocol::MarkReadTarget,
    storage::{Storage, StorageError, Tx},
    telemetry::metrics,
};

type Outcomes = Vec<Result<Outcome, CommandError>>;

/// Stores the commands; one outcome each with the place of its command, in the order they were stored:
/// told in this order, changes have their numbers in order.
///
/// When the transaction fails, each command is tried alone, so that only the bad one pays for it.
pub async fn store(
    storage: &Storage,
    commands: Vec<Command>,
    now: Timestamp,
) -> Vec<(usize, Result<Outcome, CommandError>)> {
    let commands: Arc<[Command]> = commands.into();
    match store_together(storage, commands.clone(), now).await {
        Ok(outcomes) => {
            let mut outcomes: Vec<_> = outcomes.into_iter().enumerate().collect();
            outcomes.sort_by_key(|(place, _)| !matches!(commands[*place], Command::SendMessage(_)));
            outcomes
        }
        Err(error) => {
            store_after(error, storage, commands, now).await.into_iter().enumerate().collect()
        }
    }
}

/// Stores commands that could not be stored together, in their order.
async fn store_after(
    error: StorageError,
    storage: &Storage,
    commands: Arc<[Command]>,
    now: Timestamp,
) -> Outcomes {
    let count = commands.len();
    match error {
        StorageError::Conflict(_) | StorageError::Failed(_) | StorageError::Aborted(_)
            if count > 1 =>
        {
            let mut outcomes = Vec::with_capacity(count);
            for command in &*commands {
                let alone = store_together(storage, [command.clone()].into(), now).await;
                let is_away = matches!(alone, Err(StorageError::Unavailable(_)));
                outcomes.extend(alone.unwrap_or_else(|error| vec![failed(&error)]));
                if is_away {
                    // The others would wait for nothing.
                    outcomes.resize(count, Err(CommandError::Unavailable));
                    break;
                }
            }
            outcomes
        }
        // A conflict of a command that is alone: somebody else was faster, so look again.
        StorageError::Conflict(_) => store_together(storage, commands, now)
            .await
            .unwrap_or_else(|error| vec![failed(&error)]),
        StorageError::Unavailable(_)
        | StorageError::Full(_)
        | StorageError::Failed(_)
        | StorageError::Aborted(_) => {
            let outcome = failed(&error);
            vec![outcome; count]
        }
    }
}

fn failed(error: &StorageError) -> Result<Outcome, CommandError> {
    metrics().commands_failed.increment(1);
    tracing::error!(%error, "could not store");
    Err(CommandError::from(error))
}

async fn store_together(
    storage: &Storage,
    commands: Arc<[Command]>,
    now: Timestamp,
) -> Result<Outcomes, StorageError> {
    let inner = storage.clone();
    storage
        .write_tx(move |tx| Box::pin(async move { store_in(&inner, tx, &commands, now).await }))
        .await
}

async fn store_in(
    storage: &Storage,
    tx: &Tx,
    commands: &[Command],
    now: Timestamp,
) -> Result<Outcomes, StorageError> {
    let sends: Vec<_> = commands
        .iter()
        .filter_map(|command| match command {
            Command::SendMessage(send) => Some(send),
            Command::StartConversation(_)
            | Command::MarkRead(_)
            | Command::EditMessage(_)
            | Command::DeleteMessage(_)
            | Command::React(_)
            | Command::HideConversation(_)
            | Command::RecordLastActive(_)
            | Command::RegisterUser(_)
            | Command::SetActive(_)
            | Command::RecordAccess(_)
            | Command::ModerateMessage(_)
            | Command::SuspendUser(_)
            | Command::IssueTicket(_)
            | Command::RedeemTicket(_)
            | Command::RegisterDevice(_)
            | Command::RemoveDevice(_)
            | Command::ChangeSettings(_)
            | Command::UpdateProfile(_)
            | Command::FollowUser(_)
            | Command::UnfollowUser(_)
            | Command::ReadFollows(_)
            | Command::CreateNotification(_)
            | Command::ReadNotifications(_)
            | Command::DeleteNotification(_)
            | Command::ReplacePasswordHash(_) => None,
        })
        .collect();
    let marks = commands.iter().filter_map(|command| {
        if let Command::MarkRead(mark) = command { Some(mark) } else { None }
    });
    let seen = mark_read::seen(storage, tx, marks).await?;
    let mut sent = send_message::store(storage, tx, &sends, now).await?.into_iter();

    let mut outcomes = Vec::with_capacity(commands.len());
    for command in commands {
        outcomes.push(match command {
            Command::SendMessage(_) => sent
                .next()
                .expect("one outcome for each message")
                .map(|sent| Outcome::Sent(Box::new(sent))),
            Command::StartConversation(start) => start_conversation::store(storage, tx, start, now)
                .await?
                .map(|started| Outcome::Started(Box::new(started))),
            Command::MarkRead(mark) => {
                let seen = match mark.target {
                    MarkReadTarget::Conversation(id) => seen.get(&id).copied(),
                    MarkReadTarget::Message(_) => None,
                };
                mark_read::store(storage, tx, mark, seen, now).await?.map(Outcome::MarkedRead)
            }
            Command::EditMessage(edit) => edit_message::store(storage, tx, edit, now)
                .await?
                .map(|edited| Outcome::Edited(Box::new(edited))),
            Command::DeleteMessage(delete) => {
                delete_message::store(storage, tx, delete, now).await?.map(Outcome::Deleted)
            }
            Command::React(react) => react::store(storage, tx, react, now)
                .await?
                .map(|reacted| Outcome::Reacted(Box::new(reacted))),
            Command::HideConversation(hide) => {
                hide_conversation::store(storage, tx, hide).await?.map(Outcome::Hidden)
            }
            Command::RecordLastActive(record) => {
                record_last_active::store(storage, tx, record).await?;
                Ok(Outcome::Recorded)
            }
            Command::RegisterUser(register) => register_user::store(storage, tx, register, now)
                .await?
                .map(|user| Outcome::Registered(Box::new(user))),
            Command::SetActive(set) => {
                set_active::store(storage, tx, set).await?.map(|()| Outcome::Recorded)
            }
            Command::RecordAccess(record) => {
                record_access::store(storage, tx, record, now).await?.map(|()| Outcome::Recorded)
            }
            Command::ModerateMessage(moderate) => {
                moderate_message::store(storage, tx, moderate, now).await?.map(Outcome::Moderated)
            }
            Command::SuspendUser(suspend) => {
                suspend_user::store(storage, tx, suspend, now).await?.map(|()| Outcome::Recorded)
            }
            Command::IssueTicket(issue) => {
                ticket::issue(storage, tx, issue).await?.map(|()| Outcome::Recorded)
            }
            Command::RedeemTicket(redeem) => {
                Ok(Outcome::Redeemed(ticket::redeem(storage, tx, redeem, now).await?))
            }
            Command::RegisterDevice(register) => {
                let registered = device::register(storage, tx, register, now).await?;
                Ok(Outcome::DeviceRegistered(Box::new(registered)))
            }
            Command::RemoveDevice(remove) => {
                device::remove(storage, tx, *remove).await?.map(|()| Outcome::Recorded)
            }
            Command::ChangeSettings(change) => change_settings::store(storage, tx, change, now)
                .await?
                .map(Outcome::SettingsChanged),
            Command::UpdateProfile(update) => {
                update_profile::store(storage, tx, update).await?.map(Outcome::ProfileUpdated)
            }
            Command::FollowUser(follow) => follow_user::store(storage, tx, follow, now)
                .await?
                .map(|followed| Outcome::Followed(Box::new(followed))),
            Command::UnfollowUser(unfollow) => unfollow_user::store(storage, tx, unfollow)
                .await?
                .map(|unfollowed| Outcome::Unfollowed(Box::new(unfollowed))),
            Command::ReadFollows(read) => {
                read_follows::store(storage, tx, read, now).await?.map(Outcome::FollowsRead)
            }
            Command::CreateNotification(create) => {
                create_notification::store(storage, tx, create, now)
                    .await?
                    .map(|created| Outcome::NotificationCreated(Box::new(created)))
            }
            Command::ReadNotifications(read) => read_notifications::store(storage, tx, read, now)
                .await?
                .map(Outcome::NotificationsRead),
            Command::DeleteNotification(delete) => delete_notification::store(storage, tx, delete)
                .await?
                .map(Outcome::NotificationDeleted),
            Command::ReplacePasswordHash(replace) => {
                replace_password_hash::store(storage, tx, replace).await?;
                Ok(Outcome::Replaced)
            }
        });
    }
    Ok(outcomes)
}
