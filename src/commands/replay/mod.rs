//! Tell what other servers have done, from what the database says: the same events, to the same
//! people, as if it had been done here.

mod order;

use std::collections::BTreeMap;

pub use order::Place;
use order::{Changed, Step, What, steps};

use super::{
    Asker, Audience, DeletedFor, MarkedRead, Post, delete_message, edit_message, mark_read, react,
    send_message,
};
use crate::{
    domain::{MessageDetails, Person, Rev, Seq, Standing, UserId, clock},
    protocol::{Frames, ServerEvent, Stamp},
    storage::{Hidden, Undelivered, Unheard},
};

/// What somebody has received or read since it was told last.
#[derive(Clone, Debug)]
pub struct NewReceipts {
    pub member: Person,
    /// Messages he has read, and until where.
    pub read: Option<MarkedRead>,
    /// Messages that have reached him.
    pub received: Vec<Undelivered>,
}

/// Tells what has changed in a conversation that was known to stand like this. `reactors` says who made the changes that are reactions, as far as it is known. Returns what the
/// conversation has come to.
pub fn replay(
    changes: &Unheard,
    known: &Standing,
    reactors: &BTreeMap<Rev, UserId>,
    post: &mut dyn Post,
) -> (Rev, Seq) {
    let (rev, seq) = (known.rev, known.seq);
    let members: Vec<_> = known.members.iter().map(|member| member.user).collect();
    let changed: Vec<_> = changes
        .messages
        .iter()
        .map(|MessageDetails { message, .. }| Changed {
            seq: message.seq,
            rev: message.rev,
            is_deleted: message.deleted_at.is_some(),
        })
        .collect();
    let hidden: Vec<_> = changes.hidden.iter().map(|hidden| hidden.rev).collect();
    let mut reached = (rev, seq);
    for Step { index, what, place } in steps(rev, seq, &changed, &hidden) {
        reached.0 = place.rev;
        if what == What::Hidden {
            let Hidden { message, member, .. } = changes.hidden[index];
            let whose = (message, known.conversation);
            delete_message::tell_gone(whose, &members, DeletedFor::OnlyOne(member), place, post);
            continue;
        }
        let details = &changes.messages[index];
        reached.1 = reached.1.max(details.message.seq);
        let hidden_by = changes.hidden_by.get(&details.message.id).map_or(&[][..], Vec::as_slice);
        if what == What::Sent {
            send_message::tell_new(details, None, hidden_by, place, post);
            for member in changes.appears_for.get(&details.message.seq).into_iter().flatten() {
                post.conversation_appeared(*member, known.conversation);
            }
        } else {
            tell_change(changes, details, rev, place, reactors, post);
        }
    }
    reached
}

/// A message that was changed after `known`; its newest change has this place.
fn tell_change(
    changes: &Unheard,
    details: &MessageDetails,
    known: Rev,
    place: Place,
    reactors: &BTreeMap<Rev, UserId>,
    post: &mut dyn Post,
) {
    let message = &details.message;
    if message.deleted_at.is_some() {
        let members: Vec<_> = details.cursors.0.iter().map(|(person, _)| person.id).collect();
        let whose = (message.id, message.conversation);
        delete_message::tell_gone(whose, &members, DeletedFor::Everybody, place, post);
        return;
    }
    let hidden_by = changes.hidden_by.get(&message.id).map_or(&[][..], Vec::as_slice);
    let edit = changes.edits.get(&message.id).copied();
    if edit.is_some() {
        edit_message::tell_edited(details, hidden_by, place, post);
    }
    // Of several changes the row names the last one only.
    let is_reaction = edit != Some(message.rev);
    let may_hide_one = message.rev.0 > known.0 + 1 && !details.reactions.is_empty();
    if is_reaction || may_hide_one {
        let by = reactors.get(&message.rev).copied().filter(|_| is_reaction);
        let newest = details.reactions.iter().max_by_key(|reaction| reaction.created_at);
        let own = |user| details.reactions.iter().find(|reaction| reaction.person.id == user);
        let shown = by.map_or(newest, own);
        let members = details.cursors.0.iter().map(|(person, _)| person);
        let by = match (by, shown) {
            (Some(user), _) => members.into_iter().find(|person| person.id == user),
            (None, Some(reaction)) => Some(&reaction.person),
            // Taken back, by the one who did not write the message most likely.
            (None, None) => members.into_iter().find(|person| person.id != message.sender),
        };
        let by = by.unwrap_or(&details.sender);
        let reaction = shown.map(|reaction| reaction.reaction.as_str());
        let reaction = react::Reaction { by, after: reaction, shown: reaction.unwrap_or_default() };
        react::tell_reaction(details, hidden_by, reaction, place, post);
    }
}

/// Tells who has read and received what.
pub fn replay_receipts(receipts: &NewReceipts, post: &mut dyn Post) {
    let NewReceipts { member, read, received } = receipts;
    for message in received {
        let frames = Frames::from(ServerEvent::MessageDelivered {
            message_id: message.message,
            conversation_id: message.conversation,
            delivered_to: &member.username,
            delivered_to_id: member.id.0,
            delivered_at: Stamp(clock::now()),
        });
        post.to_user(message.sender, Audience::Chat, &frames);
    }
    if let Some(read) = read {
        let asker = Asker { user: member.id, connection: None, client_id: None };
        mark_read::tell(read, &asker, post);
    }
}

/// Whether a message of these changes is new to somebody: then he has notifications to look for.
pub fn recipients<'a>(
    changes: &'a Unheard,
    known: &'a Standing,
) -> impl Iterator<Item = UserId> + 'a {
    changes
        .messages
        .iter()
        .filter(|details| details.message.seq > known.seq)
        .filter_map(|details| details.message.recipient)
}
