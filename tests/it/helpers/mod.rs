//! What tests are written with: a server, people, their sockets.

mod answer;
mod app;
mod bus_proxy;
mod cable;
mod cluster;
mod database;
mod disk;
mod key_pair;
mod nginx;
mod packet_filter;
mod person;
mod postgres_server;
mod program;
mod raw_socket;
mod redis_server;
mod site;
mod socket;
pub mod token;

pub use answer::Answer;
pub use app::{Node, SECRET, TestApp};
pub use bus_proxy::{BusProxy, Meddling};
pub use cable::Cable;
pub use cluster::{Cluster, shared_redis};
pub use database::{OpenTransaction, TestDatabase};
pub use disk::Disk;
pub use key_pair::KeyPair;
pub use nginx::{Nginx, nginx_program};
pub use packet_filter::PacketFilter;
pub use person::Person;
pub use postgres_server::{PostgresServer, folder_in_memory, psql};
pub use program::{Program, ServerProcess};
pub use raw_socket::RawSocket;
pub use redis_server::{RedisServer, cli};
pub use site::{Site, free_address};
pub use socket::{PATIENCE, Socket};

/// Writes each test twice: `name::sqlite` and `name::postgres`. The latter needs `make test`, which
/// starts PostgreSQL; without it, it says so and passes. `with CHANGE;` before the tests changes the
/// settings of their servers.
#[macro_export]
macro_rules! on_both_databases {
    (with $change:expr; $($(#[doc = $doc:literal])* async fn $name:ident($app:ident) $body:block)*) => {$(
        $(#[doc = $doc])*
        async fn $name($app: &$crate::helpers::TestApp) $body

        mod $name {
            #[tokio::test]
            async fn sqlite() {
                let database = $crate::helpers::TestDatabase::sqlite();
                let app = $crate::helpers::TestApp::spawn_with(database, $change).await;
                super::$name(&app).await;
                app.stop().await;
            }

            #[tokio::test]
            async fn postgres() {
                let Some(database) = $crate::helpers::TestDatabase::postgres().await else {
                    return;
                };
                let app = $crate::helpers::TestApp::spawn_with(database, $change).await;
                super::$name(&app).await;
                app.stop().await;
            }
        }
    )*};
    ($($tests:tt)*) => {
        $crate::on_both_databases! { with |_config| {}; $($tests)* }
    };
}

/// Like [`on_both_databases!`], for tests that start the server themselves: each is given an empty
/// database.
#[macro_export]
macro_rules! with_both_databases {
    ($($(#[doc = $doc:literal])* async fn $name:ident($database:ident) $body:block)*) => {$(
        $(#[doc = $doc])*
        async fn $name($database: &$crate::helpers::TestDatabase) $body

        mod $name {
            #[tokio::test]
            async fn sqlite() {
                let database = $crate::helpers::TestDatabase::sqlite();
                super::$name(&database).await;
            }

            #[tokio::test]
            async fn postgres() {
                let Some(database) = $crate::helpers::TestDatabase::postgres().await else {
                    return;
                };
                super::$name(&database).await;
                database.drop_it().await;
            }
        }
    )*};
}
