//! Door 2: REST. One file per endpoint: parse, then command or query, then answer.

mod address;
mod cors;
mod error;
mod extract;
mod fields;
mod list_page;
mod pagination;
mod problems;
mod success;
mod viewer;

mod conversation_detail;
mod conversation_hide;
mod conversation_list;
mod conversation_messages;
mod conversation_start;
mod documents;
mod follow_lists;
mod follow_notifications;
mod follow_search;
mod follow_stats;
mod follow_suggestions;
mod follow_toggle;
mod health;
mod login;
mod mark_read;
mod me;
mod message;
mod messages_with_user;
mod my_profile;
mod notification;
mod notification_list;
mod notification_read;
mod notification_settings;
mod password_lane;
mod public_profile;
mod public_profile_search;
mod reactions;
mod refresh;
mod register;
mod root;
mod send_message;
mod typing;
mod unread;
mod user_by_name;
mod user_list;
mod user_status;

mod openapi;
mod people_routes;
mod routes;

pub use cors::cors;
pub use openapi::openapi_document;
pub use routes::{common_headers, configure, routes};
