//! Everything a user can do, one verb per file: what it checks, what it stores, whom it tells.
//!
//! Both doors make the same commands. The chat server hands them to the db executor, which stores
//! a batch of them in one transaction ([`store`]); afterwards each outcome is told ([`tell`]).

mod authenticate;
mod batch;
mod delete_message;
mod edit_message;
mod error;
mod hide_conversation;
mod mark_read;
mod post;
mod react;
mod record_last_active;
mod register_user;
mod replace_password_hash;
mod send_message;
mod set_active;
mod start_conversation;

pub use authenticate::{AuthenticationError, active_user, authenticate};
pub use batch::store;
pub use delete_message::{DeleteMessage, Deleted, DeletedFor};
pub use edit_message::{EditMessage, Edited};
pub use error::CommandError;
pub use hide_conversation::HideConversation;
pub use mark_read::{MarkRead, MarkedRead};
pub use post::{Asker, Audience, ConnectionId, Post, SocketKind};
pub use react::{React, Reacted};
pub use record_last_active::RecordLastActive;
pub use register_user::RegisterUser;
pub use replace_password_hash::ReplacePasswordHash;
pub use send_message::{Origin, SendMessage, Sent};
pub use set_active::SetActive;
pub use start_conversation::{StartConversation, Started};

use crate::domain::User;

/// Something a user asks for.
#[derive(Clone, Debug)]
pub enum Command {
    SendMessage(SendMessage),
    StartConversation(StartConversation),
    MarkRead(MarkRead),
    EditMessage(EditMessage),
    DeleteMessage(DeleteMessage),
    React(React),
    HideConversation(HideConversation),
    RecordLastActive(RecordLastActive),
    RegisterUser(RegisterUser),
    ReplacePasswordHash(ReplacePasswordHash),
    SetActive(SetActive),
}

/// What came of it, durably.
#[derive(Clone, Debug)]
pub enum Outcome {
    Sent(Box<Sent>),
    Started(Box<Started>),
    MarkedRead(MarkedRead),
    Edited(Box<Edited>),
    Deleted(Deleted),
    Reacted(Box<Reacted>),
    Hidden,
    Recorded,
    Registered(Box<User>),
    Replaced,
}

/// Tells everybody concerned what has happened.
pub fn tell(outcome: &Outcome, asker: &Asker, post: &mut dyn Post) {
    match outcome {
        Outcome::Sent(sent) => send_message::tell(sent, asker, post),
        Outcome::Started(started) => start_conversation::tell(started, asker, post),
        Outcome::MarkedRead(marked) => mark_read::tell(marked, asker, post),
        Outcome::Edited(edited) => edit_message::tell(edited, post),
        Outcome::Deleted(deleted) => delete_message::tell(deleted, post),
        Outcome::Reacted(reacted) => react::tell(reacted, post),
        Outcome::Hidden => post.unread_changed(asker.user),
        Outcome::Recorded | Outcome::Registered(_) | Outcome::Replaced => {}
    }
}
