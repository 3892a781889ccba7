//! Who is typing where. Nothing of it is stored.

use std::{collections::BTreeMap, time::Duration};

use actix::{Context, Handler};
use tokio::time::Instant;

use super::{ChatServer, messages::Typing};
use crate::{
    commands::{ConnectionId, Post, SocketKind},
    domain::{ConversationId, Person, UserId},
    protocol::{Frames, ServerEvent, TypistView},
};

/// Somebody who has not said so again for this long has stopped.
const EXPIRY: Duration = Duration::from_secs(10);

/// Saying so again sooner than this is not told on.
const REPEAT: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Typists(BTreeMap<(ConversationId, UserId), Typist>);

#[derive(Debug)]
struct Typist {
    person: Person,
    peer: UserId,
    /// `None` for one who types over REST.
    connection: Option<ConnectionId>,
    /// He types on another server, which tells its own people.
    is_elsewhere: bool,
    said_at: Instant,
    told_at: Instant,
}

impl Handler<Typing> for ChatServer {
    type Result = ();

    fn handle(&mut self, typing: Typing, _ctx: &mut Context<Self>) {
        self.typing(typing);
    }
}

impl ChatServer {
    pub(super) fn typing(&mut self, typing: Typing) {
        let Typing { person, connection, conversation, peer, is_typing, is_elsewhere } = typing;
        let key = (conversation, person.id);
        let now = Instant::now();
        if !is_typing {
            if let Some(typist) = self.typists.0.remove(&key) {
                self.tell_typing(&typist, conversation, false);
            }
            return;
        }
        let known = self.typists.0.get(&key);
        let told_at = known.map(|typist| typist.told_at).filter(|told_at| now - *told_at < REPEAT);
        let is_told = told_at.is_some();
        let told_at = told_at.unwrap_or(now);
        let typist = Typist { person, peer, connection, is_elsewhere, said_at: now, told_at };
        if !is_told {
            self.tell_typing(&typist, conversation, true);
        }
        self.typists.0.insert(key, typist);
    }

    /// Ends the typing of a connection that has gone.
    pub(super) fn stop_typing_of(&mut self, connection: ConnectionId) {
        self.stop_typing(|typist| typist.connection == Some(connection));
    }

    /// Ends the typing of those who have fallen silent.
    pub(super) fn expire_typing(&mut self) {
        let now = Instant::now();
        self.stop_typing(|typist| now - typist.said_at > EXPIRY);
    }

    fn stop_typing(&mut self, has_stopped: impl Fn(&Typist) -> bool) {
        let stopped: Vec<_> =
            self.typists.0.extract_if(.., |_place, typist| has_stopped(typist)).collect();
        for ((conversation, _user), typist) in stopped {
            self.tell_typing(&typist, conversation, false);
        }
    }

    fn tell_typing(&mut self, typist: &Typist, conversation: ConversationId, is_typing: bool) {
        let (person, peer) = (&typist.person, typist.peer);
        if !typist.is_elsewhere {
            self.announce_typing(person.id, peer, conversation, is_typing);
        }
        let frames = Frames::from(ServerEvent::UserTyping {
            conversation_id: conversation,
            user: TypistView {
                id: person.id.0,
                username: &person.username,
                full_name: &person.full_name,
            },
            is_typing,
        });
        self.to_joined(peer, conversation, &frames);
        // The old pages on `/ws/chat/` do not know this event.
        self.post_where(peer, &frames, |connection| {
            connection.kind == SocketKind::Chat && !connection.wants_aliases
        });
    }
}
