//! What an outcome means to the other servers: the change it made to a conversation, and whom of
//! their people to wake up.

use super::{Asker, Outcome, Sent};
use crate::{
    cluster::News,
    domain::{ConversationId, MessageDetails, Notification, Rev, Seq, UserId},
};

/// A numbered change of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub conversation: ConversationId,
    pub rev: Rev,
    /// Of the message, if it was sent just now.
    pub new_seq: Option<Seq>,
    /// Who wrote the message.
    pub author: Option<UserId>,
    pub members: Vec<UserId>,
    /// Who reacted, if it is a reaction.
    pub reactor: Option<UserId>,
}

impl Outcome {
    /// The numbered change of a conversation it made, if it made one.
    pub fn change(&self) -> Option<Change> {
        match self {
            Self::Sent(sent) => sent.change(),
            Self::Started(started) => started.sent.as_ref().and_then(Sent::change),
            Self::Edited(edited) => edited.is_change.then(|| of(&edited.details, None)),
            Self::Reacted(reacted) => {
                reacted.is_change().then(|| of(&reacted.details, Some(reacted.by.id)))
            }
            Self::Deleted(deleted) | Self::Moderated(Some(deleted)) => Some(Change {
                conversation: deleted.conversation,
                rev: deleted.rev,
                new_seq: None,
                author: None,
                members: deleted.members.clone(),
                reactor: None,
            }),
            Self::MarkedRead(_)
            | Self::Hidden(_)
            | Self::Recorded
            | Self::Registered(_)
            | Self::Followed(_)
            | Self::Unfollowed(_)
            | Self::FollowsRead(_)
            | Self::NotificationCreated(_)
            | Self::NotificationsRead(_)
            | Self::NotificationDeleted(_)
            | Self::Moderated(None)
            | Self::Redeemed(_)
            | Self::DeviceRegistered(_)
            | Self::SettingsChanged(_)
            | Self::ProfileUpdated(_)
            | Self::Replaced => None,
        }
    }

    /// Whom the other servers should look after, and why.
    pub fn news(&self, asker: &Asker) -> Vec<(UserId, News)> {
        let mut news = vec![];
        if let Some(change) = self.change() {
            let Change { conversation, rev, reactor, .. } = change;
            let changed = News::Changed { conversation, rev: rev.0, by: reactor };
            news.extend(change.members.into_iter().map(|member| (member, changed)));
        }
        match self {
            Self::Started(started) if started.created && started.sent.is_none() => {
                let conversation = started.conversation.id;
                let changed = News::Changed { conversation, rev: 0, by: None };
                let members = started.conversation.participants.iter();
                news.extend(members.map(|member| (member.person.id, changed)));
            }
            Self::MarkedRead(marked) if !marked.newly_read.is_empty() => {
                let mut people: Vec<_> =
                    marked.newly_read.iter().map(|(_, author)| *author).collect();
                people.push(marked.reader.id);
                people.sort_unstable();
                people.dedup();
                let receipts = News::Receipts { conversation: marked.conversation };
                news.extend(people.into_iter().map(|user| (user, receipts)));
            }
            Self::Reacted(reacted) => news.extend(notified(reacted.notification.as_ref())),
            Self::Followed(followed) => news.extend(notified(followed.notification.as_ref())),
            Self::NotificationCreated(created) => news.extend(notified(Some(created))),
            Self::NotificationsRead(read) if read.newly_read > 0 => {
                news.push((read.reader, News::NotificationsRead { only: read.only }));
            }
            Self::NotificationDeleted(deleted) => news.push((deleted.user, News::Unread)),
            Self::Hidden(conversation) => {
                news.push((asker.user, News::Unlisted { conversation: *conversation }));
            }
            // The change above says it all, or nobody else is concerned.
            Self::Sent(_)
            | Self::Started(_)
            | Self::MarkedRead(_)
            | Self::Edited(_)
            | Self::Deleted(_)
            | Self::NotificationsRead(_)
            | Self::Recorded
            | Self::Registered(_)
            | Self::Unfollowed(_)
            | Self::FollowsRead(_)
            | Self::Moderated(_)
            | Self::Redeemed(_)
            | Self::DeviceRegistered(_)
            | Self::SettingsChanged(_)
            | Self::ProfileUpdated(_)
            | Self::Replaced => {}
        }
        news
    }
}

impl Sent {
    fn change(&self) -> Option<Change> {
        let message = &self.details.message;
        (!self.is_repeat).then(|| Change { new_seq: Some(message.seq), ..of(&self.details, None) })
    }
}

fn notified(notification: Option<&Notification>) -> Option<(UserId, News)> {
    notification.map(|notification| (notification.notice.recipient.id, News::Notified))
}

fn of(details: &MessageDetails, reactor: Option<UserId>) -> Change {
    Change {
        conversation: details.message.conversation,
        rev: details.message.rev,
        new_seq: None,
        author: Some(details.message.sender),
        members: details.cursors.0.iter().map(|(person, _)| person.id).collect(),
        reactor,
    }
}
