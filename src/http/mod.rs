//! Door 2: REST. One file per endpoint: parse, then command or query, then answer.

mod address;
mod cors;
mod error;
mod extract;
mod fields;
mod pagination;

mod conversation_detail;
mod conversation_hide;
mod conversation_list;
mod conversation_messages;
mod conversation_start;
mod health;
mod login;
mod mark_read;
mod me;
mod message;
mod messages_with_user;
mod password_lane;
mod reactions;
mod refresh;
mod register;
mod root;
mod send_message;
mod typing;
mod unread;
mod user_by_name;
mod user_status;

mod routes;

pub use cors::cors;
pub use routes::{common_headers, configure, routes};
