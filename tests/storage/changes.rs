//! What has changed in a conversation since somebody last heard of it.

use vikrahub_messaging::{
    domain::{
        ConversationId, DirectPair, KnownRevs, Message, Missed, Part, Rev, Seq, SyncLimits, UserId,
        clock,
    },
    storage::{Changes, ConversationChanges},
};

use crate::{Store, on_both_databases};

const LIMITS: SyncLimits = SyncLimits { page: 300, reset_after: 3000 };

/// Something that happens to a message.
#[derive(Clone, Copy)]
enum Change {
    Rewrite,
    Delete,
    Hide(UserId),
    React(UserId),
}

impl Store {
    async fn change(&self, conversation: ConversationId, seq: i64, change: Change) {
        // Everybody sees what he may change here.
        let by = UserId(self.database.number("SELECT min(user_id) FROM participants").await);
        let message = self.message(conversation, by, seq).await;
        let (inner, now) = (self.storage.clone(), clock::now());
        self.write_tx(move |tx| {
            Box::pin(async move {
                let rev = inner.take_rev(tx, conversation, now).await?;
                match change {
                    Change::Rewrite => inner.rewrite_message(tx, &message, "new", rev, now).await,
                    Change::Delete => inner.delete_message(tx, message.id, by, rev, now).await,
                    Change::Hide(user) => inner.hide_message(tx, &message, user, rev).await,
                    Change::React(user) => {
                        inner.set_reaction(tx, message.id, user, Some("like"), rev, now).await
                    }
                }
            })
        })
        .await
        .unwrap();
    }

    async fn message(&self, conversation: ConversationId, member: UserId, seq: i64) -> Message {
        let part = Part::Changes { from: Rev(0), to: Rev(i64::MAX) };
        let all = self.part(member, conversation, part).await.messages;
        let found = all.into_iter().find(|details| details.message.seq == Seq(seq));
        found.unwrap().message
    }

    async fn part(
        &self,
        member: UserId,
        conversation: ConversationId,
        part: Part,
    ) -> ConversationChanges {
        let Changes { mut conversations, is_whole } =
            self.reader(member).await.changes(member, &[(conversation, part)]).await.unwrap();
        assert!(is_whole);
        conversations.pop().unwrap()
    }

    async fn since(&self, member: UserId, conversation: ConversationId, rev: i64) -> Vec<Told> {
        let part = Part::Changes { from: Rev(rev), to: Rev(i64::MAX) };
        told(&self.part(member, conversation, part).await)
    }

    async fn missed(&self, member: UserId, known: &[(ConversationId, i64)]) -> Missed {
        let known: KnownRevs = known.iter().map(|(id, rev)| (*id, Rev(*rev))).collect();
        self.storage.missed(member, &known, None, LIMITS).await.unwrap()
    }
}

/// Rev, seq and text of a message; its text is empty when it is deleted.
type Told = (i64, i64, String);

fn told(changes: &ConversationChanges) -> Vec<Told> {
    let messages = changes.messages.iter().map(|details| &details.message);
    messages.map(|it| (it.rev.0, it.seq.0, it.content.clone())).collect()
}

on_both_databases! {
    async fn each_message_is_told_once_in_its_newest_state(store) {
        let (one, other, pair) = store.pair().await;
        let conversation = store.messages(pair, one, 4).await;
        store.change(conversation, 2, Change::Rewrite).await;
        store.change(conversation, 1, Change::Delete).await;
        store.change(conversation, 2, Change::React(other)).await;

        for member in [one, other] {
            assert_eq!(
                store.since(member, conversation, 3).await,
                [(4, 4, "message 3".into()), (6, 1, String::new()), (7, 2, "new".into())],
            );
            assert_eq!(store.since(member, conversation, 7).await, []);
        }
        // Within bounds: what has a newer state is not told of in its older place.
        let bounded = Part::Changes { from: Rev(0), to: Rev(5) };
        let bounded = store.part(one, conversation, bounded).await;
        assert_eq!(told(&bounded), [(3, 3, "message 2".into()), (4, 4, "message 3".into())]);
        let whole = Part::Changes { from: Rev(0), to: Rev(7) };
        let whole = store.part(one, conversation, whole).await;
        assert_eq!(whole.messages[3].reactions[0].reaction, "like");
        assert_eq!(whole.participants.len(), 2);
    }

    async fn what_a_member_hid_is_told_to_him_as_hidden_and_never_again_as_a_message(store) {
        let (one, other, pair) = store.pair().await;
        let conversation = store.messages(pair, one, 3).await;
        let hidden = store.message(conversation, other, 2).await.id;
        store.change(conversation, 2, Change::Hide(other)).await;
        store.change(conversation, 2, Change::Rewrite).await;

        let since = Part::Changes { from: Rev(3), to: Rev(5) };
        let to_other = store.part(other, conversation, since).await;
        assert_eq!((to_other.hidden.as_slice(), to_other.messages.len()), ([hidden].as_slice(), 0));
        let to_one = store.part(one, conversation, since).await;
        assert_eq!((to_one.hidden.len(), told(&to_one)), (0, vec![(5, 2, "new".into())]));
        // From the beginning: he must not see it either.
        let whole = Part::Changes { from: Rev(0), to: Rev(5) };
        let whole = store.part(other, conversation, whole).await;
        assert_eq!(told(&whole).len(), 2);
        let afresh = Part::Afresh { rev: Rev(5), above: Seq(0) };
        assert_eq!(told(&store.part(other, conversation, afresh).await).len(), 2);
    }

    async fn what_was_before_ones_time_or_after_it_is_not_told(store) {
        let (one, other, pair) = store.pair().await;
        let conversation = store.messages(pair, one, 3).await;
        store.change(conversation, 1, Change::Rewrite).await;
        let limit = format!("UPDATE participants SET history_from_seq = 2 WHERE user_id = {}", other.0);
        store.database.execute(&limit).await;

        assert_eq!(store.since(one, conversation, 0).await.len(), 3);
        assert_eq!(store.since(other, conversation, 0).await, [(3, 3, "message 2".into())]);

        let left = format!(
            "UPDATE participants SET left_at = joined_at WHERE user_id = {}", other.0
        );
        store.database.execute(&left).await;
        let stranger = store.user("zoe").await;
        for nobody in [other, stranger] {
            let part = Part::Changes { from: Rev(0), to: Rev(9) };
            let reader = store.reader(nobody).await;
            let changes = reader.changes(nobody, &[(conversation, part)]).await.unwrap();
            assert!(changes.conversations.is_empty());
            drop(reader);
            assert_eq!(store.missed(nobody, &[(conversation, 1)]).await.gone, [conversation]);
        }
    }

    async fn an_answer_ends_where_its_texts_get_too_long(store) {
        let (one, other, pair) = store.pair().await;
        let conversation = store.messages(pair, one, 6).await;
        let long = "x".repeat(100_000);
        store.database.execute(&format!("UPDATE messages SET content = '{long}'")).await;

        let mut rev = 0;
        for expected in [2, 4, 6] {
            let missed = store.missed(other, &[(conversation, rev)]).await;
            assert_eq!(missed.conversations[0].messages.len(), 2);
            assert_eq!(missed.is_complete, expected == 6);
            rev = missed.conversations[0].part.rev().0;
            assert_eq!(rev, expected);
        }
        // A fresh start is shortened at its old end.
        let missed = store.missed(other, &[]).await;
        let start = &missed.conversations[0];
        assert_eq!((start.part.rev(), start.has_older), (Rev(6), true));
        assert_eq!(start.messages.iter().map(|it| it.message.seq.0).collect::<Vec<_>>(), [5, 6]);
        // One that is too long alone is told all the same.
        let longer = "x".repeat(300_000);
        store.database.execute(&format!("UPDATE messages SET content = '{longer}'")).await;
        let missed = store.missed(other, &[(conversation, 0)]).await;
        assert_eq!(missed.conversations[0].messages.len(), 1);
        let missed = store.missed(other, &[]).await;
        assert_eq!(missed.conversations[0].messages.len(), 1);
    }

    async fn everything_somebody_missed_is_found_and_nothing_else(store) {
        let (one, other, pair) = store.pair().await;
        let third = store.user("paula").await;
        let with_third = DirectPair::new(one, third).unwrap();
        let foreign = DirectPair::new(other, third).unwrap();
        let known = store.messages(pair, other, 3).await;
        let new = store.messages(with_third, one, 2).await;
        let foreign = store.messages(foreign, other, 1).await;

        let missed = store.missed(one, &[(known, 3), (foreign, 0)]).await;

        assert_eq!(missed.gone, [foreign]);
        let start = &missed.conversations[0];
        assert_eq!((start.conversation.id, start.part), (new, Part::Afresh { rev: Rev(2), above: Seq(0) }));
        assert!(!start.has_older && missed.is_complete);
        let (unchanged, unread) = &missed.unchanged[0];
        assert_eq!((unchanged.id, *unread, unchanged.participants.len()), (known, 3, 2));

        // Hidden from the list: gone until the next message.
        let hide = "UPDATE participants SET hidden_through_seq = 3 WHERE conversation_id IN \
            (SELECT conversation_id FROM messages WHERE seq = 3)";
        store.database.execute(hide).await;
        assert_eq!(store.missed(one, &[(known, 2)]).await.gone, [known]);
        store.messages(pair, other, 1).await;
        let missed = store.missed(one, &[(known, 2), (new, 2)]).await;
        assert_eq!((missed.gone.len(), missed.conversations.len()), (0, 1));
        assert_eq!(missed.conversations[0].messages.len(), 2);
        assert_eq!(missed.conversations[0].unread, 1);
    }

    async fn numbers_of_another_database_are_not_believed(store) {
        let (one, _other, pair) = store.pair().await;
        let conversation = store.messages(pair, one, 3).await;
        let known = KnownRevs::from([(conversation, Rev(3))]);
        let epoch = store.epoch().await.unwrap();

        let same = store.storage.missed(one, &known, Some(&epoch.0), LIMITS).await.unwrap();
        assert!(same.conversations.is_empty() && same.unchanged.len() == 1);
        let missed = store.storage.missed(one, &known, Some("another"), LIMITS).await.unwrap();

        assert_eq!(missed.epoch, epoch);
        assert!(matches!(missed.conversations[0].part, Part::Afresh { .. }));
        // Ahead of the database: whatever it says of itself.
        let missed = store.missed(one, &[(conversation, 4)]).await;
        assert!(matches!(missed.conversations[0].part, Part::Afresh { .. }));
    }
}
