//! Making a session known to the chat server.

use std::sync::Arc;

use actix::Recipient;
use bytestring::ByteString;

use crate::{
    actors::{
        Base, BaseState, CaughtUp, Connect, Connected, ConnectionState, NOTICES_WINDOW,
        NoticesBase, POSITIONS_MAX, Refused, Services, ToSession,
    },
    commands::{self, AuthenticationError, ConnectionId, SocketKind},
    domain::{Epoch, NotificationId, Person, Standing, UserId, clock},
    protocol::{NotificationEvent, Stamp},
    storage::{StorageError, Undelivered},
};

/// People who hear of somebody's presence, at most.
const PEERS_MAX: u64 = 5_000;

/// Messages reported as delivered when their recipient comes back, at most.
const CAUGHT_UP_MAX: u64 = 1_000;

/// A session about to be known.
#[derive(Clone, Debug)]
pub(super) struct Registration {
    pub id: ConnectionId,
    pub kind: SocketKind,
    pub person: Person,
    pub session: Recipient<ToSession>,
    pub state: Arc<ConnectionState>,
    pub wants_aliases: bool,
}

/// The active user a token speaks for; `None` if it speaks for nobody.
pub(super) async fn authenticate(
    services: &Services,
    token: &str,
) -> Result<Option<Person>, StorageError> {
    let now = clock::now();
    match commands::authenticate(services.keys(), services.storage(), token, now).await {
        Ok(person) => Ok(Some(person)),
        Err(AuthenticationError::Storage(error)) => Err(error),
        Err(
            AuthenticationError::Token(_)
            | AuthenticationError::UnknownUser
            | AuthenticationError::InactiveUser
            | AuthenticationError::BadTicket
            | AuthenticationError::NotNow,
        ) => Ok(None),
    }
}

/// Whether the chat server knows the session now: from here on it misses nothing.
pub(super) async fn register(services: Services, registration: Registration) -> bool {
    let (user, bus) = (registration.person.id, services.bus());
    if bus.reaches_others() {
        bus.expect(user).await;
    }
    let connected = match connect(&services, &registration, None).await {
        Err(Refused::PeersNeeded) => {
            let peers = peers(&services, user).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "could not look up who hears of a person's presence");
                vec![]
            });
            connect(&services, &registration, Some(peers)).await
        }
        connected => connected,
    };
    match connected {
        Ok(Connected { is_first_of_kind, is_first }) => {
            if services.bus().reaches_others() {
                base(&services, registration.kind, user, is_first, is_first_of_kind).await;
            }
            // Before the client can do anything: a receipt must not follow one that says more.
            if is_first_of_kind && registration.kind == SocketKind::Chat {
                catch_up(&services, registration.person).await;
            }
            true
        }
        Err(Refused::Draining | Refused::PeersNeeded) => false,
    }
}

async fn connect(
    services: &Services,
    registration: &Registration,
    peers: Option<Vec<UserId>>,
) -> Result<Connected, Refused> {
    let Registration { id, kind, person, session, state, wants_aliases } = registration.clone();
    let connect = Connect { id, kind, person, peers, session, state, wants_aliases };
    services.chat_server().send(connect).await.unwrap_or(Err(Refused::Draining))
}

/// Says from where on somebody is to be told what other servers do. Asked after he has connected, so
/// that nothing falls between; what came before is in the history his client loads.
async fn base(
    services: &Services,
    kind: SocketKind,
    user: UserId,
    is_first: bool,
    is_first_of_kind: bool,
) {
    if is_first {
        let base = match positions(services, user).await {
            Ok(positions) => {
                let is_all = (positions.len() as u64) < POSITIONS_MAX;
                let state = if is_all { BaseState::Complete } else { BaseState::Partial };
                Base { user, positions, state }
            }
            Err(error) => {
                tracing::warn!(%error, "could not look up how far conversations have come");
                Base { user, positions: vec![], state: BaseState::Missing }
            }
        };
        if services.chat_server().send(base).await.is_err() {
            tracing::debug!("the chat server is gone");
        }
    }
    if is_first_of_kind && kind != SocketKind::Chat {
        let known = last_notifications(services, user).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "could not look up notifications");
            vec![]
        });
        if services.chat_server().send(NoticesBase { user, known }).await.is_err() {
            tracing::debug!("the chat server is gone");
        }
    }
}

async fn positions(services: &Services, user: UserId) -> Result<Vec<Standing>, StorageError> {
    services.storage().read_as(user).await?.standings_of(user, POSITIONS_MAX).await
}

async fn last_notifications(
    services: &Services,
    user: UserId,
) -> Result<Vec<NotificationId>, StorageError> {
    services.storage().read_as(user).await?.last_notifications(user, NOTICES_WINDOW).await
}

async fn peers(services: &Services, user: UserId) -> Result<Vec<UserId>, StorageError> {
    services.storage().read_as(user).await?.peers(user, PEERS_MAX).await
}

async fn undelivered(services: &Services, user: UserId) -> Result<Vec<Undelivered>, StorageError> {
    services.storage().read_as(user).await?.undelivered(user, CAUGHT_UP_MAX).await
}

async fn waiting(services: &Services, user: UserId) -> Result<u64, StorageError> {
    services.storage().read_as(user).await?.unread_notifications(user).await
}

/// Reports what was sent while somebody was away: his client loads it now.
async fn catch_up(services: &Services, recipient: Person) {
    let messages = match undelivered(services, recipient.id).await {
        Ok(messages) if messages.is_empty() => return,
        Ok(messages) => messages,
        Err(error) => {
            tracing::warn!(%error, "could not report messages as delivered");
            return;
        }
    };
    if services.chat_server().send(CaughtUp { recipient, messages }).await.is_err() {
        tracing::debug!("the chat server is gone");
    }
}

/// How many notifications wait for somebody, as the first event of his connection.
pub(super) async fn unread_notifications(services: Services, user: UserId) -> ByteString {
    let count = waiting(&services, user).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "could not count notifications");
        0
    });
    NotificationEvent::UnreadCount { count, timestamp: Stamp(clock::now()) }.encode()
}

/// The identity of the database; without it a client can find out from its first `resume`.
pub(super) async fn epoch(services: Services) -> Option<Epoch> {
    match services.storage().epoch().await {
        Ok(epoch) => Some(epoch),
        Err(error) => {
            tracing::warn!(%error, "could not look up the epoch");
            None
        }
    }
}
