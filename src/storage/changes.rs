//! What has changed in conversations, as one member sees it: each message once, in its newest
//! state, however often it changed.
//!
//! State is asked for, not events, in several statements that may see different moments. That does
//! no harm: a part tells at least what was there at its `rev`, and whatever is newer has a higher
//! one and is told again.

use std::collections::HashMap;

use entity::message;
use sea_orm::{EntityTrait, FromQueryResult};
use uuid::Uuid;

use super::{Reader, StorageError, messages::cursors, values::Rows};
use crate::domain::{
    ConversationId, Message, MessageDetails, MessageId, Part, Participant, Rev, Seq, UserId,
};

/// Bytes of text in one answer; a message goes out three times, escaped, and then some.
const TEXT_BYTES: usize = 262_144;

/// What one member is told of one conversation.
#[derive(Clone, Debug)]
pub struct ConversationChanges {
    pub conversation: ConversationId,
    /// What was asked for, or the beginning of it.
    pub part: Part,
    /// Changes in the order of their revs, deleted messages without their text; or the newest
    /// messages in their order.
    pub messages: Vec<MessageDetails>,
    /// What the member has deleted for himself.
    pub hidden: Vec<MessageId>,
    /// In the order of their ids.
    pub participants: Vec<Participant>,
}

/// What was asked for, as far as it fits into one answer.
#[derive(Clone, Debug)]
pub struct Changes {
    pub conversations: Vec<ConversationChanges>,
    /// Nothing was cut off.
    pub is_whole: bool,
}

#[derive(FromQueryResult)]
struct HiddenRow {
    conversation_id: Uuid,
    message_id: Uuid,
    rev: i64,
}

/// The membership that has to be there, whoever asked: `column2` is the member.
const MEMBER: &str = "JOIN participants p ON p.conversation_id = v.column1 \
    AND p.user_id = v.column2 AND p.left_at IS NULL";

/// Neither from before the member's time nor hidden by him.
const MAY_SEE: &str = "m.seq + 0 > p.history_from_seq AND NOT EXISTS (SELECT 1 FROM message_hidden h \
    WHERE h.message_id = m.id AND h.user_id = p.user_id)";

impl Reader {
    /// Parts of conversations as `member` sees them. What is not his is left out as if it were
    /// empty. The number of queries does not depend on what is asked.
    pub async fn changes(
        &self,
        member: UserId,
        parts: &[(ConversationId, Part)],
    ) -> Result<Changes, StorageError> {
        let mut rows = self.changed_rows(member, parts).await?;
        let (parts, is_whole) = fit(parts, &mut rows);
        let mut hidden = self.hidden(member, &parts).await?;
        let ids: Vec<_> = parts.iter().map(|(conversation, _)| *conversation).collect();
        let mut participants = self.storage.participants_on(self.connection(), &ids).await?;
        participants.retain(|_, members| members.iter().any(|one| one.person.id == member));

        let seen_by = participants.iter().map(|(id, members)| (*id, cursors(members))).collect();
        let in_order = ids.iter().flat_map(|id| rows.remove(id).unwrap_or_default()).map(tombstone);
        let details =
            self.storage.details_on(self.connection(), in_order.collect(), &seen_by).await?;
        let mut messages: HashMap<_, Vec<_>> = HashMap::new();
        for mut details in details {
            if details.message.deleted_at.is_some() {
                details.reactions.clear();
            }
            messages.entry(details.message.conversation).or_default().push(details);
        }
        let conversations = parts
            .into_iter()
            .filter_map(|(conversation, part)| {
                Some(ConversationChanges {
                    conversation,
                    part,
                    participants: participants.remove(&conversation)?,
                    messages: messages.remove(&conversation).unwrap_or_default(),
                    hidden: hidden.remove(&conversation).unwrap_or_default(),
                })
            })
            .collect();
        Ok(Changes { conversations, is_whole })
    }

    /// The messages of each part, in its order.
    async fn changed_rows(
        &self,
        member: UserId,
        parts: &[(ConversationId, Part)],
    ) -> Result<HashMap<ConversationId, Vec<Message>>, StorageError> {
        let spans: Vec<_> = spans(member, parts).collect();
        let fresh: Vec<_> = parts
            .iter()
            .filter_map(|(id, part)| match part {
                Part::Afresh { above, .. } => Some([id.0.into(), member.0.into(), above.0.into()]),
                Part::Changes { .. } => None,
            })
            .collect();
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for statement in [
            // Each part is a range of one index, and has no more rows than revs.
            (!spans.is_empty()).then(|| {
                Rows::from_iter(spans).statement(self.backend(), |list| {
                    format!(
                        "SELECT m.* FROM (VALUES {list}) AS v {MEMBER} CROSS JOIN messages m \
                         WHERE m.conversation_id = v.column1 AND m.rev > v.column3 \
                         AND m.rev <= v.column4 AND {MAY_SEE} ORDER BY m.rev"
                    )
                })
            }),
            (!fresh.is_empty()).then(|| {
                Rows::from_iter(fresh).statement(self.backend(), |list| {
                    format!(
                        "SELECT m.* FROM (VALUES {list}) AS v {MEMBER} CROSS JOIN messages m \
                         WHERE m.conversation_id = v.column1 AND m.seq > v.column3 \
                         AND m.deleted_at IS NULL AND {MAY_SEE} ORDER BY m.seq"
                    )
                })
            }),
        ]
        .into_iter()
        .flatten()
        {
            let find = message::Entity::find().from_raw_sql(statement);
            let rows = find.all(self.connection()).await?;
            for message in rows.into_iter().map(Message::from) {
                found.entry(message.conversation).or_default().push(message);
            }
        }
        Ok(found)
    }

    /// What `member` has deleted for himself in these parts.
    async fn hidden(
        &self,
        member: UserId,
        parts: &[(ConversationId, Part)],
    ) -> Result<HashMap<ConversationId, Vec<MessageId>>, StorageError> {
        let spans: Rows<4> = spans(member, parts).collect();
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        if spans.is_empty() {
            return Ok(found);
        }
        let statement = spans.statement(self.backend(), |list| {
            format!(
                "SELECT h.conversation_id, h.message_id, h.rev FROM (VALUES {list}) AS v \
                 CROSS JOIN message_hidden h WHERE h.user_id = v.column2 \
                 AND h.conversation_id = v.column1 AND h.rev > v.column3 AND h.rev <= v.column4"
            )
        });
        let mut rows = HiddenRow::find_by_statement(statement).all(self.connection()).await?;
        rows.sort_by_key(|row| row.rev);
        for row in rows {
            let conversation = ConversationId(row.conversation_id);
            found.entry(conversation).or_default().push(MessageId(row.message_id));
        }
        Ok(found)
    }
}

fn spans(
    member: UserId,
    parts: &[(ConversationId, Part)],
) -> impl Iterator<Item = [sea_orm::Value; 4]> {
    parts.iter().filter_map(move |(id, part)| match part {
        Part::Changes { from, to } => {
            Some([id.0.into(), member.0.into(), from.0.into(), to.0.into()])
        }
        Part::Afresh { .. } => None,
    })
}

/// Cuts an answer off where its texts get too long; at least one message is left.
fn fit(
    parts: &[(ConversationId, Part)],
    rows: &mut HashMap<ConversationId, Vec<Message>>,
) -> (Vec<(ConversationId, Part)>, bool) {
    let mut fitting = Vec::with_capacity(parts.len());
    let mut room = TEXT_BYTES;
    for (conversation, part) in parts {
        let messages = rows.entry(*conversation).or_default();
        let is_first = fitting.is_empty();
        // How many fit, from the end that may not be left out.
        let mut take = |messages: &mut dyn Iterator<Item = &Message>| {
            let fits = |(place, message): &(usize, &Message)| {
                let left = room.checked_sub(message.content.len());
                room = left.unwrap_or(0);
                left.is_some() || (is_first && *place == 0)
            };
            messages.enumerate().take_while(fits).count()
        };
        match *part {
            Part::Changes { from, to } => {
                let taken = take(&mut messages.iter());
                let Some(next) = messages.get(taken) else {
                    fitting.push((*conversation, Part::Changes { from, to }));
                    continue;
                };
                let to = Rev(next.rev.0 - 1);
                messages.truncate(taken);
                if to > from {
                    fitting.push((*conversation, Part::Changes { from, to }));
                }
                return (fitting, false);
            }
            Part::Afresh { rev, above } => {
                let taken = take(&mut messages.iter().rev());
                let too_many = messages.len() - taken;
                if too_many == 0 {
                    fitting.push((*conversation, Part::Afresh { rev, above }));
                } else if is_first {
                    // Older ones are in history.
                    let above = Seq(messages[too_many - 1].seq.0);
                    messages.drain(..too_many);
                    fitting.push((*conversation, Part::Afresh { rev, above }));
                } else {
                    return (fitting, false);
                }
            }
        }
    }
    (fitting, true)
}

/// A deleted message is told of without what it said.
fn tombstone(mut message: Message) -> Message {
    if message.deleted_at.is_some() {
        message.content.clear();
        message.reply_to = None;
    }
    message
}
