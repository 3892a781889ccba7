//! From a text frame of `/ws/notifications/` to what it asks of the session.

use super::{incoming::refusal, request::Request};
use crate::{
    commands::{Asker, Command, ConnectionId, ReadNotifications},
    domain::{UserId, clock},
    protocol::{NotificationEvent, NotificationFrame, Stamp},
};

/// Reads one text frame of a notification session.
pub(super) fn read(text: &str, reader: UserId, connection: ConnectionId) -> Request {
    let only = match NotificationFrame::parse(text) {
        Ok(NotificationFrame::Ping) => {
            let timestamp = Stamp(clock::now());
            return Request::Answer(NotificationEvent::Pong { timestamp }.encode());
        }
        Ok(NotificationFrame::MarkRead(id)) => Some(id),
        Ok(NotificationFrame::MarkAllRead) => None,
        Err(error) => return Request::Answer(refusal(&error)),
    };
    let asker = Asker { user: reader, connection: Some(connection), client_id: None };
    Request::Execute(Command::ReadNotifications(ReadNotifications { reader, only }), asker)
}
