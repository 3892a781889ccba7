//! Several servers of one database.

use uuid::Uuid;
use vikrahub_messaging::config::{Config, RedisUrl};

use super::{Node, TestDatabase};

/// Two servers that hear of each other by Redis.
#[derive(Debug)]
pub struct Cluster {
    pub one: Node,
    pub other: Node,
    pub redis_url: String,
    pub prefix: String,
    pub database: TestDatabase,
}

impl Cluster {
    /// On the Redis of all tests; `None` without it or without PostgreSQL.
    pub async fn start() -> Option<Self> {
        Self::start_with(|_config| {}).await
    }

    pub async fn start_with(change: impl Fn(&mut Config)) -> Option<Self> {
        Self::start_on(&shared_redis()?, change).await
    }

    /// On this Redis.
    pub async fn start_on(redis_url: &str, change: impl Fn(&mut Config)) -> Option<Self> {
        let database = TestDatabase::postgres().await?;
        let prefix = format!("test-{}:", Uuid::new_v4().simple());
        let settings = |config: &mut Config| {
            config.redis.url = RedisUrl::new(redis_url);
            config.redis.channel_prefix.clone_from(&prefix);
            config.redis.timeout_seconds = 1;
            config.redis.sweep_seconds = 1;
            change(config);
        };
        let one = Node::spawn(&database, settings).await;
        let other = Node::spawn(&database, settings).await;
        one.hears_of_others().await;
        other.hears_of_others().await;
        Some(Self { one, other, redis_url: redis_url.to_owned(), prefix, database })
    }

    pub async fn stop(self) {
        self.one.stop().await;
        self.other.stop().await;
        self.database.drop_it().await;
    }
}

/// The address of the Redis of all tests.
#[expect(clippy::print_stdout, reason = "a test that passes without checking should say so")]
pub fn shared_redis() -> Option<String> {
    let url = std::env::var("TEST_REDIS_URL").ok();
    if url.is_none() {
        println!("skipped: TEST_REDIS_URL is not set (`make test` sets it)");
    }
    url
}

impl Node {
    /// Waits until the server is connected to Redis.
    pub async fn hears_of_others(&self) {
        self.until_degraded(serde_json::json!([])).await;
    }

    /// Waits until the server has noticed that Redis is gone.
    pub async fn misses_the_others(&self) {
        self.until_degraded(serde_json::json!(["redis"])).await;
    }

    async fn until_degraded(&self, degraded: serde_json::Value) {
        let deadline = tokio::time::Instant::now() + super::socket::PATIENCE;
        loop {
            let ready = self.get("/health/ready").await.ok();
            if ready["degraded"] == degraded {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{ready}");
            tokio::task::yield_now().await;
        }
    }
}
