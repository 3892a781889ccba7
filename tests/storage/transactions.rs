//! A transaction runs to its end even if nobody waits for it any more. Otherwise sqlx 0.9 could hand
//! its connection on with the transaction still open, and roll the next acknowledged write back.

use std::time::Duration;

use tokio::time::timeout;

use crate::{Store, new_user, on_both_databases};

/// Callers dropped, each at another moment of their transaction.
const DROPPED: u32 = 60;

/// Waits until so many users are stored, as another connection sees it.
async fn wait_for_users(store: &Store, wanted: i64) {
    let arrived =
        async { while store.database.number("SELECT count(*) FROM users").await < wanted {} };
    timeout(Duration::from_secs(10), arrived).await.expect("every transaction to end");
}

on_both_databases! {
    async fn a_caller_dropped_half_way_loses_nothing(store) {
        for place in 0..DROPPED {
            let inner = store.storage.clone();
            let new = new_user(&format!("dropped-{place}"));
            let dropped = store.write_tx(move |tx| {
                Box::pin(async move { inner.insert_user(tx, new).await.map(drop) })
            });
            // From before `BEGIN` is sent to after the commit.
            let moment = Duration::from_micros(u64::from(place) * 40);
            drop(timeout(moment, dropped).await);

            store.user(&format!("acknowledged-{place}")).await;
        }

        let acknowledged = "SELECT count(*) FROM users WHERE username LIKE 'acknowledged-%'";
        assert_eq!(store.database.number(acknowledged).await, i64::from(DROPPED));
        wait_for_users(store, i64::from(2 * DROPPED)).await;
    }

    async fn work_that_fails_leaves_nothing_behind(store) {
        store.user("nadia").await;
        let inner = store.storage.clone();

        let failed = store
            .write_tx(move |tx| {
                Box::pin(async move {
                    inner.insert_user(tx, new_user("omar")).await?;
                    inner.insert_user(tx, new_user("nadia")).await.map(drop)
                })
            })
            .await;

        assert!(matches!(failed, Err(vikrahub_messaging::storage::StorageError::Conflict(_))));
        assert_eq!(store.database.number("SELECT count(*) FROM users").await, 1);
        store.user("omar").await;
    }

    async fn work_that_panics_leaves_the_next_one_unharmed(store) {
        let inner = store.storage.clone();

        let failed = store
            .write_tx::<(), _>(move |tx| {
                Box::pin(async move {
                    inner.insert_user(tx, new_user("omar")).await?;
                    panic!("in the middle of a transaction");
                })
            })
            .await;

        assert!(failed.is_err());
        store.user("nadia").await;
        assert_eq!(store.database.number("SELECT count(*) FROM users").await, 1);
    }
}
