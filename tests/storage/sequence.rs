//! The numbers of a conversation are dense and its times never go back, whatever comes at once.

use chrono::Duration;
use futures_util::future::join_all;
use vikrahub_messaging::domain::{DirectPair, clock};

use crate::on_both_databases;

on_both_databases! {
    async fn numbers_taken_at_once_are_dense(store) {
        let (_, _, pair) = store.pair().await;

        let taking = (1..=20).map(|count| async move {
            (store.take(pair, count, clock::now()).await, count)
        });
        let taken = join_all(taking).await;

        let mut numbers: Vec<_> = taken
            .iter()
            .flat_map(|(taken, count)| taken.first_seq..taken.first_seq + count)
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=210).collect::<Vec<_>>());
        assert!(taken.iter().all(|(taken, _)| taken.first_rev == taken.first_seq));
        assert!(taken.iter().all(|(one, _)| one.conversation == taken[0].0.conversation));
        assert_eq!(taken.iter().filter(|(taken, _)| taken.is_new).count(), 1);
        assert_eq!(store.database.number("SELECT count(*) FROM participants").await, 2);
    }

    async fn numbers_of_a_transaction_that_fails_are_given_to_the_next(store) {
        let (_, _, pair) = store.pair().await;
        store.take(pair, 3, clock::now()).await;

        let inner = store.storage.clone();
        let failed = store
            .write_tx::<(), _>(move |tx| {
                Box::pin(async move {
                    let wanted = [vikrahub_messaging::storage::NumbersWanted {
                        pair,
                        messages: 5,
                        at: clock::now(),
                    }];
                    inner.take_numbers(tx, &wanted).await?;
                    // A name that is taken fails the whole of it.
                    inner.insert_user(tx, crate::new_user("nadia")).await.map(drop)
                })
            })
            .await;

        assert!(failed.is_err());
        assert_eq!(store.take(pair, 1, clock::now()).await.first_seq, 4);
    }

    async fn time_never_goes_back_within_a_conversation(store) {
        let (_, _, pair) = store.pair().await;
        let now = clock::now();

        let first = store.take(pair, 1, now).await;
        let earlier = store.take(pair, 1, now - Duration::hours(1)).await;
        let later = store.take(pair, 1, now + Duration::hours(1)).await;
        let between = store.take(pair, 1, now + Duration::minutes(1)).await;

        assert_eq!(first.at, now);
        assert_eq!(earlier.at, now);
        assert_eq!(later.at, now + Duration::hours(1));
        assert_eq!(between.at, later.at);
    }

    async fn no_messages_make_a_conversation_without_numbers(store) {
        let (one, other, pair) = store.pair().await;

        let made = store.take(pair, 0, clock::now()).await;
        let found = store.take(DirectPair::new(other, one).unwrap(), 0, clock::now()).await;

        assert!(made.is_new && !found.is_new);
        assert_eq!(made.conversation, found.conversation);
        let conversation = store.reader(one).await.conversation(made.conversation, one).await.unwrap().unwrap();
        assert_eq!((conversation.last_seq.0, conversation.rev.0), (0, 0));
        assert_eq!(conversation.last_message_at, None);
        assert_eq!(store.take(pair, 1, clock::now()).await.first_seq, 1);
    }
}
