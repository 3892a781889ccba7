//! What tests are written with: a server, people, their sockets.

mod answer;
mod app;
mod database;
mod person;
mod program;
mod raw_socket;
mod site;
mod socket;
pub mod token;

pub use answer::Answer;
pub use app::{SECRET, TestApp};
pub use database::TestDatabase;
pub use person::Person;
pub use program::{Program, ServerProcess};
pub use raw_socket::RawSocket;
pub use site::Site;
pub use socket::Socket;

/// Writes each test twice: `name::sqlite` and `name::postgres`. The latter needs `make test`, which
/// starts PostgreSQL; without it, it says so and passes.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[doc = $doc:literal])* async fn $name:ident($app:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every dialogue needs everything")]
            use super::*;

            $(#[doc = $doc])*
            async fn dialogue($app: &$crate::helpers::TestApp) $body

            #[tokio::test]
            async fn sqlite() {
                let database = $crate::helpers::TestDatabase::sqlite();
                let app = $crate::helpers::TestApp::spawn(database).await;
                dialogue(&app).await;
                app.stop().await;
            }

            #[tokio::test]
            async fn postgres() {
                let Some(database) = $crate::helpers::TestDatabase::postgres().await else { return };
                let app = $crate::helpers::TestApp::spawn(database).await;
                dialogue(&app).await;
                app.stop().await;
            }
        }
    )*};
}

/// Like [`on_both_databases!`], for tests that start the server themselves: each is given an empty
/// database.
#[macro_export]
macro_rules! with_both_databases {
    ($($(#[doc = $doc:literal])* async fn $name:ident($database:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every dialogue needs everything")]
            use super::*;

            $(#[doc = $doc])*
            async fn dialogue($database: &$crate::helpers::TestDatabase) $body

            #[tokio::test]
            async fn sqlite() {
                let database = $crate::helpers::TestDatabase::sqlite();
                dialogue(&database).await;
            }

            #[tokio::test]
            async fn postgres() {
                let Some(database) = $crate::helpers::TestDatabase::postgres().await else { return };
                dialogue(&database).await;
                database.drop_it().await;
            }
        }
    )*};
}
