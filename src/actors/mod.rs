//! The long-lived owners of state: who is connected, and what waits to be written.

mod chat_server;
mod connection;
mod db_executor;
mod services;
mod write_queue;

pub use chat_server::{
    Base, BaseState, BeginDrain, CaughtUp, ChatServer, ChatServerConfig, CloseAll, Connect,
    Connected, Disconnect, Execute, HeardFromOthers, Join, NOTICES_WINDOW, NoticesBase,
    POSITIONS_MAX, Ping, Refused, Typing, hand_on,
};
pub use connection::{ConnectionState, ToSession};
pub use db_executor::{DbExecutor, Flush, WriteLane};
pub use services::Services;
pub use write_queue::WriteQueue;
