//! Running servers of one test.

use std::{ops::Deref, thread};

use tokio::sync::oneshot;
use vikrahub_messaging::{
    app::{self, Migrations},
    config::{Config, DatabaseUrl, Secret},
};

use super::{Site, TestDatabase};

/// The secret every test server signs with.
pub const SECRET: &str = "a shared secret of the test servers, 48 bytes..";

/// A server on a free port with a database of its own.
#[derive(Debug)]
pub struct TestApp {
    node: Node,
    pub database: TestDatabase,
}

/// A server on a free port.
#[derive(Debug)]
pub struct Node {
    site: Site,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

impl Deref for TestApp {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.node
    }
}

impl Deref for Node {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl TestApp {
    /// `change` has the last word on the settings.
    pub async fn spawn_with(database: TestDatabase, change: impl FnOnce(&mut Config)) -> Self {
        Self { node: Node::spawn(&database, change).await, database }
    }

    /// Stops the server as SIGTERM would and waits until it has.
    pub async fn stop(self) {
        self.node.stop().await;
        self.database.drop_it().await;
    }
}

impl Node {
    /// `change` has the last word on the settings.
    pub async fn spawn(database: &TestDatabase, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        config.server.port = 0;
        config.server.shutdown_seconds = 10;
        // Nobody waits for somebody to be gone.
        config.server.presence_grace_seconds = 0;
        // All the people of a test come from one address, and some send a lot.
        let limits = &mut config.limits;
        limits.sends_per_second = 0;
        limits.sockets_per_address = 0;
        limits.connects_per_minute = 0;
        limits.logins_per_minute = 0;
        limits.registrations_per_minute = 0;
        // A machine that tests at full load is slow without anything being wrong.
        config.database.shed_after_ms = 0;
        config.database.expire_after_ms = 0;
        config.database.url = DatabaseUrl::new(&database.url);
        config.auth.secrets = vec![Secret::new(SECRET)];
        change(&mut config);

        let listener = app::listen(&config.server).unwrap();
        let site = Site::new(listener.local_addr().unwrap());
        let (stop, stopping) = oneshot::channel::<()>();
        let (ended, stopped) = oneshot::channel();
        thread::spawn(move || {
            actix::System::new().block_on(async move {
                let stop = async move { drop(stopping.await) };
                app::serve(config, Migrations::Apply, listener, stop).await.unwrap();
            });
            ended.send(()).ok();
        });
        // Answered as soon as the server serves: the listener is open already.
        site.get("/health/ready").await.ok();
        Self { site, stop, stopped }
    }

    /// Stops the server as SIGTERM would and waits until it has.
    pub async fn stop(self) {
        self.stop.send(()).ok();
        self.stopped.await.unwrap();
    }
}
