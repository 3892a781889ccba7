//! A commit that was never answered: whether it happened is looked up, and what it stored is told.
//!
//! Otherwise those concerned would hear nothing of it: whoever repeats his command is answered that
//! it was stored before, which nobody else is told.

use super::Outcome;
use crate::{
    domain::{ConversationId, MessageId, Rev, Seq, UserId},
    storage::{Storage, StorageError, TransactionId},
};

/// A transaction of which nobody knows whether it was committed, with what it would have stored.
#[derive(Debug)]
pub struct Doubt {
    id: TransactionId,
    /// With the places of their commands.
    pub outcomes: Vec<(usize, Outcome)>,
    evidence: Evidence,
}

/// What is in the database if, and only if, the transaction was committed.
#[derive(Clone, Copy, Debug)]
enum Evidence {
    Message(MessageId),
    Conversation(ConversationId),
    /// With one writer to the database alone: another one could have made this change instead.
    Change(ConversationId, Rev),
    /// True is all that is told of it, whoever has stored it.
    Read(ConversationId, UserId, Seq),
}

impl Doubt {
    /// `None` if there is nothing to tell, or, with other servers at work, if the regular comparison
    /// with the database has to find it.
    pub fn of(id: TransactionId, outcomes: Vec<(usize, Outcome)>, is_alone: bool) -> Option<Self> {
        let strong = outcomes.iter().find_map(|(_, outcome)| new_row(outcome));
        let weak = || outcomes.iter().find_map(|(_, outcome)| moved(outcome)).filter(|_| is_alone);
        let evidence = strong.or_else(weak)?;
        Some(Self { id, outcomes, evidence })
    }

    /// Whether the transaction was committed; `None` while it may still be.
    pub async fn is_stored(&self, storage: &Storage) -> Result<Option<bool>, StorageError> {
        // In this order: what is not there after the end never will be.
        let has_ended = storage.has_ended(self.id).await?;
        let is_there = self.is_there(storage).await?;
        Ok((has_ended || is_there).then_some(is_there))
    }

    async fn is_there(&self, storage: &Storage) -> Result<bool, StorageError> {
        let reader = storage.read_everything().await?;
        Ok(match self.evidence {
            Evidence::Message(id) => !reader.find_messages([id]).await?.is_empty(),
            Evidence::Conversation(id) => reader.standing(id).await?.is_some(),
            Evidence::Change(id, rev) => {
                reader.standing(id).await?.is_some_and(|standing| standing.rev >= rev)
            }
            Evidence::Read(id, user, seq) => {
                let standing = reader.standing(id).await?;
                standing.is_some_and(|standing| {
                    let mut members = standing.members.iter();
                    members.any(|member| member.user == user && member.read >= seq.0)
                })
            }
        })
    }
}

fn new_row(outcome: &Outcome) -> Option<Evidence> {
    if let Outcome::Sent(sent) = outcome
        && !sent.is_repeat
    {
        return Some(Evidence::Message(sent.details.message.id));
    }
    let Outcome::Started(started) = outcome else { return None };
    started.created.then_some(Evidence::Conversation(started.conversation.id))
}

fn moved(outcome: &Outcome) -> Option<Evidence> {
    if let Outcome::MarkedRead(marked) = outcome {
        return Some(Evidence::Read(marked.conversation, marked.reader.id, marked.read_seq));
    }
    let change = outcome.change()?;
    Some(Evidence::Change(change.conversation, change.rev))
}
