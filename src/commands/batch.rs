//! Storing many commands in one transaction.
//!
//! Messages first, all in the same few statements; then everything else, one by one. Commands of
//! one batch were in flight together, so any order is one their askers might have seen; messages
//! keep theirs.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{
    Command, CommandError, Doubt, Outcome, change_settings, create_notification, delete_message,
    delete_notification, device, edit_message, follow_user, hide_conversation, mark_read,
    moderate_message, react, read_follows, read_notifications, record_access, record_last_active,
    register_user, replace_password_hash, send_message, set_active, start_conversation,
    suspend_user, ticket, unfollow_user, update_profile,
};
use crate::{
    domain::Timestamp,
    protocol::MarkReadTarget,
    storage::{Storage, StorageError, Tx, Written},
    telemetry::metrics,
};

/// How long the askers wait for what became of a commit that was not answered.
const LOOK_AT_ONCE: Duration = Duration::from_millis(500);

/// How often a command is tried that somebody else was faster than.
const TRIES: u32 = 5;

type Outcomes = Vec<Result<Outcome, CommandError>>;

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Stored {
    /// One outcome for each command with its place, in the order they were stored: told in this
    /// order, changes have their numbers in order.
    pub outcomes: Vec<(usize, Result<Outcome, CommandError>)>,
    /// Of what was answered with an error, what may be stored nevertheless.
    pub doubts: Vec<Doubt>,
}

/// Stores commands for a server that shares the database with others, or is alone.
#[derive(Debug)]
struct Writer<'a> {
    storage: &'a Storage,
    now: Timestamp,
    is_alone: bool,
    doubts: Vec<Doubt>,
}

/// Stores the commands.
///
/// When the transaction fails, each command is tried alone, so that only the bad one pays for it.
pub async fn store(
    storage: &Storage,
    commands: Vec<Command>,
    now: Timestamp,
    is_alone: bool,
) -> Stored {
    let commands: Arc<[Command]> = commands.into();
    let mut writer = Writer { storage, now, is_alone, doubts: vec![] };
    let outcomes = match writer.store_together(commands.clone(), 0).await {
        Ok(outcomes) => told_in_order(&commands, outcomes.into_iter().enumerate()),
        Err(error) => writer.store_after(error, commands).await.into_iter().enumerate().collect(),
    };
    Stored { outcomes, doubts: writer.doubts }
}

/// In the order in which they were stored together.
fn told_in_order<T>(
    commands: &[Command],
    outcomes: impl Iterator<Item = (usize, T)>,
) -> Vec<(usize, T)> {
    let mut outcomes: Vec<_> = outcomes.collect();
    outcomes.sort_by_key(|(place, _)| !matches!(commands[*place], Command::SendMessage(_)));
    outcomes
}

impl Writer<'_> {
    /// Stores commands that could not be stored together, in their order.
    async fn store_after(&mut self, error: StorageError, commands: Arc<[Command]>) -> Outcomes {
        let count = commands.len();
        let is_worth_another_try = match error {
            // Somebody else was faster, so look again.
            StorageError::Conflict(_) => true,
            StorageError::Failed(_) | StorageError::Aborted(_) => count > 1,
            StorageError::Unavailable(_) | StorageError::Full(_) => false,
        };
        if !is_worth_another_try {
            return vec![failed(&error); count];
        }
        let mut outcomes = Vec::with_capacity(count);
        for (place, command) in commands.iter().enumerate() {
            let alone = self.store_alone(command, place).await;
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

    /// Stores one command, as often as somebody else is faster: what others store at the moment is
    /// not to be seen before they have committed it.
    async fn store_alone(
        &mut self,
        command: &Command,
        place: usize,
    ) -> Result<Outcomes, StorageError> {
        let mut tries = 1;
        loop {
            let stored = self.store_together([command.clone()].into(), place).await;
            if !matches!(stored, Err(StorageError::Conflict(_))) || tries == TRIES {
                return stored;
            }
            tries += 1;
        }
    }

    /// Stores commands in one transaction; the first of them has this place in the batch.
    async fn store_together(
        &mut self,
        commands: Arc<[Command]>,
        first: usize,
    ) -> Result<Outcomes, StorageError> {
        let (inner, now, work) = (self.storage.clone(), self.now, commands.clone());
        let written = self
            .storage
            .try_write_tx(move |tx| Box::pin(async move { store_in(&inner, tx, &work, now).await }))
            .await?;
        let (outcomes, id, error) = match written {
            Written::Committed(outcomes) => return Ok(outcomes),
            Written::Doubtful(outcomes, id, error) => (outcomes, id, error),
        };
        let stored = outcomes.iter().enumerate().filter_map(|(place, outcome)| {
            outcome.as_ref().ok().map(|outcome| (place, outcome.clone()))
        });
        let mut stored = told_in_order(&commands, stored);
        for (place, _) in &mut stored {
            *place += first;
        }
        if let Some(doubt) = Doubt::of(id, stored, self.is_alone) {
            match timeout(LOOK_AT_ONCE, doubt.is_stored(self.storage)).await {
                Ok(Ok(Some(true))) => return Ok(outcomes),
                Ok(Ok(Some(false))) => {}
                Ok(Ok(None) | Err(_)) | Err(_) => self.doubts.push(doubt),
            }
        }
        Err(error)
    }
}

fn failed(error: &StorageError) -> Result<Outcome, CommandError> {
    metrics().commands_failed.increment(1);
    tracing::error!(%error, "could not store");
    Err(CommandError::from(error))
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
