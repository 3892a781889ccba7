//! Deliveries that wait to be written, and what is unread.

use vikrahub_messaging::domain::{Seq, clock};

use crate::on_both_databases;

on_both_databases! {
    async fn a_delivery_is_seen_at_once_and_written_later(store) {
        let (one, other, pair) = store.pair().await;
        let conversation = store.messages(pair, one, 3).await;
        let written = "SELECT max(delivered_seq) FROM participants";
        assert!(!store.has_unwritten_deliveries());

        store.record_delivery(conversation, other, Seq(2));
        // A delivery that comes late takes nothing back.
        store.record_delivery(conversation, other, Seq(1));

        let seen = async || {
            let conversation = store.reader(one).await.conversation(conversation, one).await.unwrap().unwrap();
            conversation.participant(other).unwrap().cursor.delivered_seq
        };
        assert_eq!((seen().await, store.database.number(written).await), (2, 0));
        assert_eq!(store.reader(other).await.undelivered(other, 10).await.unwrap().len(), 1);

        store.write_deliveries(10, clock::now()).await.unwrap();
        assert!(!store.has_unwritten_deliveries());
        assert_eq!((seen().await, store.database.number(written).await), (2, 2));

        store.record_delivery(conversation, other, Seq(1));
        store.write_deliveries(10, clock::now()).await.unwrap();
        assert_eq!((seen().await, store.database.number(written).await), (2, 2));
    }

    async fn deliveries_are_written_in_portions(store) {
        let (one, other, pair) = store.pair().await;
        let third = store.user("paula").await;
        let conversation = store.messages(pair, one, 1).await;
        let with_third = vikrahub_messaging::domain::DirectPair::new(one, third).unwrap();
        let other_conversation = store.messages(with_third, one, 1).await;
        store.record_delivery(conversation, other, Seq(1));
        store.record_delivery(other_conversation, third, Seq(1));

        store.write_deliveries(1, clock::now()).await.unwrap();
        assert!(store.has_unwritten_deliveries());
        store.write_deliveries(1, clock::now()).await.unwrap();

        assert!(!store.has_unwritten_deliveries());
        let delivered = "SELECT count(*) FROM participants WHERE delivered_seq = 1";
        assert_eq!(store.database.number(delivered).await, 2);
    }

    async fn unread_is_what_others_wrote_after_the_cursor(store) {
        let (one, other, pair) = store.pair().await;
        let conversation = store.messages(pair, one, 5).await;
        store.messages(pair, other, 2).await;
        let unread = async |user| {
            let total = store.reader(user).await.unread_count(user, None).await.unwrap();
            assert_eq!(store.reader(user).await.unread_count(user, Some(conversation)).await.unwrap(), total);
            total
        };
        assert_eq!((unread(one).await, unread(other).await), (2, 5));

        let inner = store.storage.clone();
        let marked = store
            .write_tx(move |tx| {
                Box::pin(async move {
                    inner.mark_read(tx, conversation, other, Seq(3), clock::now()).await
                })
            })
            .await
            .unwrap()
            .unwrap();

        assert_eq!((marked.newly_read.len(), marked.read_seq), (3, Seq(3)));
        assert_eq!((unread(one).await, unread(other).await), (2, 2));
        store.database.execute("UPDATE messages SET deleted_at = created_at WHERE seq = 4").await;
        assert_eq!(unread(other).await, 1);
        // The list counts in the same way.
        let list = store.reader(other).await.conversation_list(other, 10).await.unwrap();
        assert_eq!(list[0].unread, 1);
    }

    async fn a_cursor_moves_forward_only(store) {
        let (one, other, pair) = store.pair().await;
        let conversation = store.messages(pair, one, 5).await;
        let mark = async |through| {
            let inner = store.storage.clone();
            let marked = store.write_tx(move |tx| {
                Box::pin(async move {
                    inner.mark_read(tx, conversation, other, Seq(through), clock::now()).await
                })
            });
            let marked = marked.await.unwrap().unwrap();
            (marked.newly_read.len(), marked.read_seq.0)
        };

        assert_eq!(mark(4).await, (4, 4));
        assert_eq!(mark(2).await, (0, 4));
        assert_eq!(mark(5).await, (1, 5));
        let cursors = "SELECT count(*) FROM participants WHERE read_seq = 5 AND delivered_seq = 5";
        assert_eq!(store.database.number(cursors).await, 1);
    }
}
