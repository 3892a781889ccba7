//! What servers that share a database need to start.

use serde_json::json;

use crate::helpers::{Program, TestDatabase};

#[tokio::test]
async fn servers_cannot_share_an_sqlite_file() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database).with("REDIS_URL", "redis://:hunter2@127.0.0.1:1");

    let complaint = program.complains(&["serve"]).await;

    assert!(complaint.contains("REDIS_URL") && complaint.contains("PostgreSQL"), "{complaint}");
    assert!(!complaint.contains("hunter2"), "{complaint}");
}

#[tokio::test]
async fn servers_of_one_database_need_the_same_secret() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let program = Program::new(&database).with("REDIS_URL", "redis://127.0.0.1:1");

    let complaint = program.without("JWT_SECRET").complains(&["serve"]).await;

    assert!(complaint.contains("auth.secrets") && complaint.contains("JWT_SECRET"), "{complaint}");
    database.drop_it().await;
}

#[tokio::test]
async fn an_address_that_is_none_ends_the_start() {
    let Some(database) = TestDatabase::postgres().await else { return };
    for url in ["http://127.0.0.1", "redis://", "redis://:hunter2@127.0.0.1:x"] {
        let complaint = Program::new(&database).with("REDIS_URL", url).complains(&["serve"]).await;
        assert!(complaint.contains("redis.url"), "{complaint}");
        assert!(!complaint.contains("hunter2") && !complaint.contains("panicked"), "{complaint}");
    }
    database.drop_it().await;
}

/// Redis may come later, also where it speaks TLS and does not.
#[tokio::test]
async fn a_server_starts_without_its_redis() {
    let Some(database) = TestDatabase::postgres().await else { return };
    for url in ["redis://127.0.0.1:1", "rediss://127.0.0.1:1"] {
        let server = Program::new(&database).with("REDIS_URL", url).serve().await;

        let ready = server.get("/health/ready").await.ok();

        assert_eq!((&ready["status"], &ready["degraded"]), (&json!("ok"), &json!(["redis"])));
        server.stop().await;
    }
    database.drop_it().await;
}

#[tokio::test]
async fn the_password_of_redis_is_not_shown() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let program = Program::new(&database).with("REDIS_URL", "redis://chat:hunter2@cache:6379/1");

    let shown = program.prints(&["config", "show"]).await;

    assert!(shown.contains("redis://chat:[redacted]@cache:6379/1"), "{shown}");
    database.drop_it().await;
}
