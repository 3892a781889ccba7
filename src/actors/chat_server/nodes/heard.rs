//! What other servers say. Nothing of it is believed: each is a reason to look.

use actix::{AsyncContext, Context, Handler, Message};

use super::{BaseState, ChatServer, HeardFromOthers};
use crate::{
    actors::chat_server::messages::Typing,
    cluster::{Heard, News},
    commands::{self, Asker, Audience, NotificationsRead, Post},
    domain::{
        Cause, ConversationId, Follow, Notification, NotificationId, Rev, Standing, UserId, clock,
    },
    storage::{Storage, StorageError},
};

/// Questions to the database that news may cause at the same time, besides reading conversations.
/// What comes beyond is passed over: the comparison finds what matters.
const LOOKUPS: usize = 64;

/// Notifications told at once.
const NOTICES_MAX: u64 = 200;

/// What the database says about some news.
#[derive(Debug, Message)]
#[rtype(result = "()")]
enum Looked {
    Met { user: UserId, position: Option<Standing> },
    Notices { user: UserId, found: Vec<(Notification, Option<Follow>)> },
    NotificationsRead(Option<NotificationsRead>),
    Unlisted(Option<(ConversationId, UserId)>),
    Typing(Option<Typing>),
    Nothing,
}

impl Handler<HeardFromOthers> for ChatServer {
    type Result = ();

    fn handle(&mut self, HeardFromOthers(group): HeardFromOthers, ctx: &mut Context<Self>) {
        for heard in group {
            match heard {
                Heard::News { to, news } => self.news(to, news, ctx),
                Heard::Came { node, user } => {
                    self.elsewhere(ctx, |people, now| people.came(node, user, now));
                }
                Heard::Went { node, user } => {
                    self.elsewhere(ctx, |people, now| people.went(node, user, now));
                }
                Heard::Leases(leases) => {
                    self.elsewhere(ctx, |people, now| people.read(leases, now));
                }
                Heard::Deaf => {
                    self.sweep(ctx);
                    self.count_for_everybody();
                }
            }
        }
        self.finish(ctx);
    }
}

impl ChatServer {
    fn news(&mut self, to: UserId, news: News, ctx: &mut Context<Self>) {
        let Some(nodes) = &mut self.nodes else { return };
        let Some(base) = nodes.positions.base_of(to) else { return };
        match news {
            News::Changed { conversation, rev, by } => {
                if nodes.positions.get(conversation).is_some() {
                    if nodes.positions.announced(conversation, Rev(rev), by) {
                        nodes.ordered.insert(conversation);
                    }
                } else if matches!(base, BaseState::Pending | BaseState::Missing) {
                    nodes.positions.heard_of(to, conversation);
                } else {
                    self.look(ctx, move |storage| async move {
                        let reader = storage.read_everything().await?;
                        let position = reader.standing(conversation).await?;
                        Ok(Looked::Met { user: to, position })
                    });
                }
            }
            News::Receipts { conversation } => {
                if nodes.positions.get(conversation).is_some() {
                    nodes.ordered.insert(conversation);
                }
            }
            News::Unlisted { conversation } => {
                self.look(ctx, move |storage| unlisted(storage, conversation, to));
            }
            News::Notified => self.look_for_notices(to),
            News::NotificationsRead { only } => {
                if self.registry.has_listener(to, Audience::Notifications) {
                    self.look(ctx, move |storage| notifications_read(storage, to, only));
                }
            }
            News::Unread => self.unread_changed(to),
            News::Typing { conversation, by, is_typing } => {
                let position = nodes.positions.get(conversation);
                if by != to && position.is_some_and(|it| it.has_member(by) && it.has_member(to)) {
                    self.look(ctx, move |storage| async move {
                        let person = storage.person(by).await?;
                        Ok(Looked::Typing(person.map(|person| Typing {
                            person,
                            connection: None,
                            conversation,
                            peer: to,
                            is_typing,
                            is_elsewhere: true,
                        })))
                    });
                }
            }
        }
    }

    pub(super) fn listens_for_notices(&self, user: UserId) -> bool {
        self.registry.has_listener(user, Audience::MessagingAndNotifications)
    }

    /// Notes that somebody who listens may have notifications he was not told of.
    pub(super) fn look_for_notices(&mut self, user: UserId) {
        if let Some(nodes) = &mut self.nodes {
            nodes.noticed.insert(user);
        }
    }

    /// Looks for the notifications of those who may have some.
    pub(in super::super) fn read_notices(&mut self, ctx: &mut Context<Self>) {
        let Some(nodes) = &mut self.nodes else { return };
        for user in std::mem::take(&mut nodes.noticed) {
            let Some(nodes) = &mut self.nodes else { return };
            let Some(after) = nodes.notices.look(user) else { continue };
            let is_looking = self.look(ctx, move |storage| async move {
                // The end of the look has to be known even if it fails.
                let found = notices(&storage, user, after).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "could not look for notifications");
                    vec![]
                });
                Ok(Looked::Notices { user, found })
            });
            if !is_looking && let Some(nodes) = &mut self.nodes {
                nodes.notices.looked(user);
            }
        }
    }

    /// Asks the database, unless too much is being asked already.
    fn look<F>(&mut self, ctx: &mut Context<Self>, question: impl FnOnce(Storage) -> F) -> bool
    where
        F: Future<Output = Result<Looked, StorageError>> + 'static,
    {
        let Some(nodes) = &mut self.nodes else { return false };
        if nodes.lookups_under_way >= LOOKUPS {
            return false;
        }
        nodes.lookups_under_way += 1;
        let (answer, chat_server) = (question(self.storage.clone()), ctx.address());
        let lane = nodes.lane.clone();
        actix::spawn(async move {
            let turn = lane.turn().await;
            let looked = answer.await.unwrap_or_else(|error| {
                tracing::warn!(%error, "could not look at some news");
                Looked::Nothing
            });
            drop(turn);
            if chat_server.send(looked).await.is_err() {
                tracing::debug!("the chat server is gone");
            }
        });
        true
    }
}

async fn unlisted(
    storage: Storage,
    conversation: ConversationId,
    user: UserId,
) -> Result<Looked, StorageError> {
    let reader = storage.read_as(user).await?;
    let is_member = reader.conversation(conversation, user).await?.is_some();
    let is_unlisted = is_member && !reader.is_listed(conversation, user).await?;
    Ok(Looked::Unlisted(is_unlisted.then_some((conversation, user))))
}

async fn notifications_read(
    storage: Storage,
    reader: UserId,
    only: Option<NotificationId>,
) -> Result<Looked, StorageError> {
    let database = storage.read_as(reader).await?;
    let Some(person) = database.person(reader).await? else { return Ok(Looked::Nothing) };
    let unread = database.unread_notifications(reader).await?;
    let newly_read = match only {
        Some(id) => {
            let notification = database.notification(&person, id).await?;
            u64::from(notification.is_some_and(|notification| notification.is_read))
        }
        None if unread == 0 => database.marked_together(reader).await?,
        None => 0,
    };
    let read = NotificationsRead { reader, only, newly_read, unread };
    Ok(Looked::NotificationsRead((newly_read > 0).then_some(read)))
}

async fn notices(
    storage: &Storage,
    user: UserId,
    after: NotificationId,
) -> Result<Vec<(Notification, Option<Follow>)>, StorageError> {
    let reader = storage.read_as(user).await?;
    let Some(person) = reader.person(user).await? else { return Ok(vec![]) };
    let mut found = vec![];
    for notification in reader.notifications_after(&person, after, NOTICES_MAX).await? {
        let follow = match (&notification.notice.cause, &notification.notice.actor) {
            (Cause::Follow, Some(follower)) => reader.follow(follower, &person).await?,
            (_, _) => None,
        };
        found.push((notification, follow));
    }
    Ok(found)
}

impl Handler<Looked> for ChatServer {
    type Result = ();

    fn handle(&mut self, looked: Looked, ctx: &mut Context<Self>) {
        let Some(nodes) = &mut self.nodes else { return };
        nodes.lookups_under_way -= 1;
        self.now = clock::now();
        match looked {
            Looked::Met { user, position } => {
                if let Some(position) = position.filter(|position| position.has_member(user)) {
                    self.met(position);
                }
            }
            Looked::Notices { user, found } => {
                for (notification, follow) in found {
                    commands::tell_notification(&notification, follow.as_ref(), self);
                }
                let Some(nodes) = &mut self.nodes else { return };
                if nodes.notices.looked(user) {
                    nodes.noticed.insert(user);
                }
            }
            Looked::NotificationsRead(read) => {
                if let Some(read) = read {
                    commands::tell_notifications_read(&read, self);
                }
            }
            Looked::Unlisted(unlisted) => {
                if let Some((conversation, user)) = unlisted {
                    let asker = Asker { user, connection: None, client_id: None };
                    commands::tell_unlisted(conversation, &asker, self);
                }
            }
            Looked::Typing(typing) => {
                if let Some(typing) = typing {
                    self.typing(typing);
                }
            }
            Looked::Nothing => {}
        }
        self.finish(ctx);
    }
}
