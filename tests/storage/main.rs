//! The database layer on both databases: what the rules of a conversation rest on.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../it/helpers/database.rs"]
#[expect(dead_code, reason = "shared with the black-box tests, which use all of it")]
mod database;

mod changes;
mod receipts;
mod row_security;
mod sequence;
mod transactions;

use std::ops::Deref;

use database::TestDatabase;
use vikrahub_messaging::{
    config::{DatabaseConfig, DatabaseUrl},
    domain::{ConversationId, DirectPair, Message, MessageId, Rev, Seq, Timestamp, UserId, clock},
    storage::{self, NewMessage, NewUser, NumbersWanted, Reader, Storage, Taken},
};

/// An open database with the current schema.
struct Store {
    storage: Storage,
    database: TestDatabase,
}

impl Deref for Store {
    type Target = Storage;

    fn deref(&self) -> &Storage {
        &self.storage
    }
}

impl Store {
    async fn open(database: TestDatabase) -> Self {
        let url = DatabaseUrl::new(&database.url);
        let config = DatabaseConfig { url, ..DatabaseConfig::default() };
        storage::migrate_up(&config).await.unwrap();
        Self { storage: storage::connect(&config).await.unwrap(), database }
    }

    async fn close(self) {
        self.storage.close().await;
        self.database.drop_it().await;
    }

    async fn reader(&self, user: UserId) -> Reader {
        self.read_as(user).await.unwrap()
    }

    async fn user(&self, username: &str) -> UserId {
        let new = new_user(username);
        let inner = self.storage.clone();
        let inserted = self
            .write_tx(move |tx| Box::pin(async move { inner.insert_user(tx, new).await }))
            .await;
        inserted.unwrap().id
    }

    async fn pair(&self) -> (UserId, UserId, DirectPair) {
        let (one, other) = (self.user("nadia").await, self.user("omar").await);
        (one, other, DirectPair::new(one, other).unwrap())
    }

    /// Takes numbers for so many messages in a transaction of its own.
    async fn take(&self, pair: DirectPair, messages: i64, at: Timestamp) -> Taken {
        let inner = self.storage.clone();
        let wanted = [NumbersWanted { pair, messages, at }];
        let taken = self
            .write_tx(move |tx| Box::pin(async move { inner.take_numbers(tx, &wanted).await }))
            .await;
        taken.unwrap()[&pair]
    }

    /// Stores so many messages of `sender`.
    async fn messages(&self, pair: DirectPair, sender: UserId, count: i64) -> ConversationId {
        let inner = self.storage.clone();
        let wanted = [NumbersWanted { pair, messages: count, at: clock::now() }];
        let stored = self.write_tx(move |tx| {
            Box::pin(async move {
                let taken = inner.take_numbers(tx, &wanted).await?[&pair];
                let new: Vec<_> = (0..count)
                    .map(|place| {
                        NewMessage(Message {
                            id: MessageId::generate(),
                            conversation: taken.conversation,
                            seq: Seq(taken.first_seq + place),
                            rev: Rev(taken.first_rev + place),
                            sender,
                            recipient: Some(pair.other(sender)),
                            client_id: None,
                            content: format!("message {place}"),
                            reply_to: None,
                            created_at: taken.at,
                            edited_at: None,
                            deleted_at: None,
                        })
                    })
                    .collect();
                inner.insert_messages(tx, &new).await?;
                Ok(taken.conversation)
            })
        });
        stored.await.unwrap()
    }
}

fn new_user(username: &str) -> NewUser {
    NewUser {
        username: username.to_owned(),
        email: None,
        first_name: String::new(),
        last_name: String::new(),
        user_type: "client".to_owned(),
        password_hash: None,
        is_staff: false,
        is_superuser: false,
        date_joined: clock::now(),
    }
}

/// Writes each test twice: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both_databases {
    ($(async fn $name:ident($store:ident) $body:block)*) => {$(
        async fn $name($store: &$crate::Store) $body

        mod $name {
            #[tokio::test]
            async fn sqlite() {
                let store = $crate::Store::open($crate::TestDatabase::sqlite()).await;
                super::$name(&store).await;
                store.close().await;
            }

            #[tokio::test]
            async fn postgres() {
                let Some(database) = $crate::TestDatabase::postgres().await else { return };
                let store = $crate::Store::open(database).await;
                super::$name(&store).await;
                store.close().await;
            }
        }
    )*};
}
