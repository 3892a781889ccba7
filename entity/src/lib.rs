//! `SeaORM` entities: one file per table, columns only. What the rows mean lives in the server's
//! `domain`; who may touch them lives in its `storage`.

pub mod admin_access;
pub mod conversation;
pub mod database_epoch;
pub mod device;
pub mod follow;
pub mod message;
pub mod message_edit;
pub mod message_hidden;
pub mod notification;
pub mod notification_setting;
pub mod participant;
pub mod reaction;
pub mod rest_echo;
pub mod user;
pub mod ws_ticket;
