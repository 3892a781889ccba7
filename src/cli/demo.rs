//! `demo seed`: four people with follows and a little history, to try the chat with.

use std::sync::Arc;

use chrono::Duration;
use uuid::Uuid;

use crate::{
    auth::hash_password,
    commands::{
        self, Command, CommandError, FollowUser, MarkRead, Origin, Outcome, RegisterUser,
        ReplacePasswordHash, SendMessage,
    },
    domain::{MessageText, Person, Timestamp, User, clock},
    protocol::{MarkReadTarget, MessageTarget},
    storage::Storage,
};

use super::CliError;

/// User name, first and last name.
const PEOPLE: [(&str, &str, &str); 4] = [
    ("alice_dev", "Alice", "Dev"),
    ("bob_designer", "Bob", "Designer"),
    ("charlie_writer", "Charlie", "Writer"),
    ("diana_marketer", "Diana", "Marketer"),
];

/// Who follows whom, as places in [`PEOPLE`].
const FOLLOWS: [(usize, usize); 6] = [(0, 1), (0, 2), (1, 0), (2, 3), (3, 0), (3, 1)];

/// Minutes ago, from whom, to whom, what.
const HISTORY: [(i64, usize, usize, &str); 12] = [
    (2900, 1, 0, "Hi Alice! The new onboarding screens are ready for a look."),
    (2894, 0, 1, "Great timing, I have an hour before lunch."),
    (2893, 0, 1, "Is the empty state in there as well?"),
    (2880, 1, 0, "It is. I also tried a warmer tone for the first message 🙂"),
    (
        1460,
        0,
        1,
        "Looked at all of it. Love the colours, two notes on spacing: https://example.com/notes",
    ),
    (1455, 1, 0, "Thanks, fixing them today."),
    (95, 1, 0, "Done! Ready when you are."),
    (90, 1, 0, "No hurry though."),
    (700, 2, 0, "Could you read the release notes before they go out?"),
    (640, 0, 2, "Sure, send them over."),
    (300, 3, 2, "The campaign starts on Monday 🎉"),
    (295, 2, 3, "Then the texts will be there on Friday."),
];

/// How many of the newest messages of [`HISTORY`] from Bob to Alice stay unread.
const UNREAD_FROM_BOB: i64 = 100;

/// Makes whoever is missing; what has happened, for printing.
pub(super) async fn seed(storage: &Storage, password: Option<String>) -> Result<String, CliError> {
    let now = clock::now();
    let mut known = Vec::with_capacity(PEOPLE.len());
    for (username, _, _) in PEOPLE {
        known.push(storage.user_by_name(username).await?);
    }
    let is_new = known.iter().any(Option::is_none);
    let given = password.is_some();
    let password = password.unwrap_or_else(|| {
        let random = Uuid::new_v4().simple().to_string();
        random.chars().take(12).collect()
    });
    let hash = (is_new || given).then(|| hash_password(&password));

    let mut people: Vec<Person> = Vec::with_capacity(PEOPLE.len());
    let has_history = known.iter().any(Option::is_some);
    for (known, (username, first_name, last_name)) in known.into_iter().zip(PEOPLE) {
        let user = match known {
            Some(user) => {
                if let Some(hash) = hash.clone().filter(|_| given) {
                    let replace = ReplacePasswordHash { user: user.id, hash };
                    carry_out(storage, Command::ReplacePasswordHash(replace), now).await?;
                }
                user
            }
            None => register(storage, username, first_name, last_name, hash.clone(), now).await?,
        };
        people.push(Arc::new(user));
    }
    for (follower, followed) in FOLLOWS {
        let follow =
            FollowUser { follower: people[follower].clone(), followed: people[followed].id };
        carry_out(storage, Command::FollowUser(follow), now).await?;
    }
    // Somebody may have written since: nothing may be put before that.
    if !has_history {
        write_history(storage, &people, now).await?;
    }
    Ok(report(is_new || given, &password))
}

async fn register(
    storage: &Storage,
    username: &str,
    first_name: &str,
    last_name: &str,
    password_hash: Option<String>,
    now: Timestamp,
) -> Result<User, CliError> {
    let register = RegisterUser {
        username: username.to_owned(),
        email: None,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        user_type: "client".to_owned(),
        password_hash,
        is_staff: false,
        is_superuser: false,
    };
    let outcome = carry_out(storage, Command::RegisterUser(register), now).await?;
    let Outcome::Registered(user) = outcome else { return Err(CommandError::Internal.into()) };
    Ok(*user)
}

async fn write_history(
    storage: &Storage,
    people: &[Person],
    now: Timestamp,
) -> Result<(), CliError> {
    for (minutes, from, to, text) in HISTORY {
        let at = now - Duration::minutes(minutes);
        let text = MessageText::parse(text, usize::MAX).map_err(|_empty| CommandError::Internal)?;
        let send = SendMessage {
            sender: people[from].clone(),
            target: MessageTarget::User(people[to].id),
            text,
            reply_to: None,
            client_id: None,
            origin: Origin::Initial,
        };
        let outcome = carry_out(storage, Command::SendMessage(send), at).await?;
        if let (Outcome::Sent(sent), true) = (outcome, minutes > UNREAD_FROM_BOB) {
            let target = MarkReadTarget::Message(sent.details.message.id);
            let mark = MarkRead { reader: people[to].clone(), target };
            carry_out(storage, Command::MarkRead(mark), at).await?;
        }
    }
    Ok(())
}

async fn carry_out(
    storage: &Storage,
    command: Command,
    now: Timestamp,
) -> Result<Outcome, CommandError> {
    let outcome = commands::store(storage, vec![command], now, true).await.outcomes.pop();
    outcome.map_or(Err(CommandError::Internal), |(_place, outcome)| outcome)
}

fn report(is_password_set: bool, password: &str) -> String {
    let names = PEOPLE.map(|(username, _, _)| username).join(", ");
    let about_password = if is_password_set {
        format!("Password: {password}\n")
    } else {
        "They are there already, with the password of that time. \
         `demo seed --password PASSWORD` gives them another.\n"
            .to_owned()
    };
    format!("Demo users: {names}\n{about_password}")
}
