//! What the server needs to start, and what keeps it from starting.

use std::{fs, os::unix::fs::PermissionsExt};

use jsonwebtoken::Header;
use reqwest::Method;

use crate::helpers::{
    Answer, Program, TestDatabase,
    token::{claims, signed},
};

#[tokio::test]
async fn a_first_start_makes_a_private_secret_and_later_ones_keep_it() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database).without("JWT_SECRET");
    let server = program.serve().await;
    let nadia = server.person("nadia").await;
    server.stop().await;

    let file = database.folder().join("test.secret");
    let secret = fs::read_to_string(&file).unwrap();
    let server = program.serve().await;

    nadia.at(&server).get("/api/users/me/").await.ok();
    assert!(secret.trim().len() >= 32, "{}", secret.trim().len());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&file).unwrap(), secret);
    server.stop().await;
}

#[tokio::test]
async fn a_start_without_any_configuration_makes_its_database() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database).without("JWT_SECRET").without("DATABASE_URL");

    let server = program.serve().await;

    server.person("nadia").await;
    server.stop().await;
    assert!(database.folder().join("data/vikrahub.db").exists());
    assert!(database.folder().join("data/vikrahub.secret").exists());
}

#[tokio::test]
async fn an_old_and_a_new_secret_are_both_good_while_one_replaces_the_other() {
    let database = TestDatabase::sqlite();
    let (old, new) =
        ("the secret of last year: 32 bytes or more", "the secret of this year: 32 bytes or more");
    let program = Program::new(&database);
    let server = program.clone().with("JWT_SECRET", old).serve().await;
    let nadia = server.person("nadia").await;
    server.stop().await;

    let both = format!("{new},{old}");
    let program = program.without("JWT_SECRET").with("VIKRAHUB__AUTH__SECRETS", &both);
    let server = program.serve().await;

    nadia.at(&server).get("/api/users/me/").await.ok();
    server.stop().await;
}

#[tokio::test]
async fn a_secret_of_the_host_platform_may_hold_a_comma() {
    let database = TestDatabase::sqlite();
    let secret = "half of the secret, and the other half";
    let server = Program::new(&database).with("JWT_SECRET", secret).serve().await;
    let nadia = server.person("nadia").await;

    let token = signed(&Header::default(), &claims(nadia.id), secret);

    let request = server.request(Method::GET, "/api/users/me/").bearer_auth(token);
    assert_eq!(Answer::of(request).await.ok()["id"], nadia.id);
    server.stop().await;
}

#[tokio::test]
async fn postgres_needs_a_secret_of_its_own() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let program = Program::new(&database).without("JWT_SECRET");

    let complaint = program.complains(&["serve"]).await;

    assert!(complaint.contains("auth.secrets") && complaint.contains("JWT_SECRET"), "{complaint}");
    database.drop_it().await;
}

#[tokio::test]
async fn a_database_in_memory_is_refused() {
    let database = TestDatabase::sqlite();
    for url in ["sqlite::memory:", "sqlite://:memory:"] {
        let complaint =
            Program::new(&database).with("DATABASE_URL", url).complains(&["serve"]).await;
        assert!(complaint.contains("`database.url`"), "{complaint}");
        assert!(complaint.contains("a database in memory keeps nothing"), "{complaint}");
    }
}

#[tokio::test]
async fn a_postgres_that_may_lose_commits_is_refused_unless_it_is_wanted() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let program = Program::new(&database);
    let name = database.name().unwrap();
    database.execute(&format!("ALTER DATABASE {name} SET synchronous_commit = off")).await;

    let complaint = program.complains(&["serve"]).await;
    assert!(complaint.contains("`synchronous_commit` is `off`"), "{complaint}");

    let server = program.with("VIKRAHUB__DATABASE__ALLOW_UNSAFE_DURABILITY", "true").serve().await;
    assert_eq!(server.get("/health/ready").await.ok()["unsafe_durability"], true);
    server.stop().await;
    database.drop_it().await;
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_ends_the_start() {
    let database = TestDatabase::sqlite();
    for url in ["postgres://nobody:hunter2@127.0.0.1:1/x", "sqlite:///proc/nowhere/x.db"] {
        let complaint =
            Program::new(&database).with("DATABASE_URL", url).complains(&["serve"]).await;
        assert!(!complaint.contains("hunter2"), "{complaint}");
        assert!(!complaint.contains("panicked"), "{complaint}");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_ends_the_start() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database);
    let server = program.serve().await;
    let port = server.address.port().to_string();

    let complaint = program.with("VIKRAHUB__SERVER__PORT", &port).complains(&["serve"]).await;

    assert!(complaint.contains(&format!("127.0.0.1:{port}")), "{complaint}");
    server.stop().await;
}
