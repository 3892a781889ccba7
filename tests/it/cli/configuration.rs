//! `config check` and `config show`: which settings are in force, and which cannot be.

use std::fs;

use crate::helpers::{Program, SECRET, TestDatabase};

/// A program with these settings in a file of its own.
fn with_file(database: &TestDatabase, settings: &str) -> (Program, String) {
    let file = database.folder().join("mine.toml");
    fs::write(&file, settings).unwrap();
    let program = Program::new(database).without("VIKRAHUB__SERVER__PORT");
    (program, file.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_valid_configuration_is_called_valid() {
    let database = TestDatabase::sqlite();

    let printed = Program::new(&database).prints(&["config", "check"]).await;

    assert_eq!(printed, "The configuration is valid.\n");
}

#[tokio::test]
async fn shown_settings_can_be_read_and_hold_no_secret() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database)
        .with("DATABASE_URL", "postgres://chat:hunter2@db.example/chat")
        .with("VIKRAHUB__SERVER__PORT", "8123");

    let shown = program.prints(&["config", "show"]).await;

    assert!(!shown.contains("hunter2") && !shown.contains(SECRET), "{shown}");
    let shown: toml::Table = shown.parse().unwrap();
    assert_eq!(shown["server"]["port"].as_integer(), Some(8123));
    assert_eq!(shown["limits"]["message_chars"].as_integer(), Some(8000));
    let url = shown["database"]["url"].as_str();
    assert_eq!(url, Some("postgres://chat:[redacted]@db.example/chat"));
    assert_eq!(shown["auth"]["secrets"][0].as_str(), Some("[redacted]"));
}

#[tokio::test]
async fn the_documented_defaults_are_the_defaults() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database).without("VIKRAHUB__SERVER__PORT");
    let bare = program.prints(&["config", "show"]).await;
    let documented = concat!(env!("CARGO_MANIFEST_DIR"), "/config/default.toml");

    let shown = program.prints(&["config", "show", "--config", documented]).await;

    assert_eq!(shown, bare);
}

#[tokio::test]
async fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let database = TestDatabase::sqlite();
    let (program, file) =
        with_file(&database, "[server]\nport = 1111\nping_seconds = 7\n[limits]\npage_max = 9\n");
    let program = program.with("VIKRAHUB__SERVER__PORT", "2222");

    let shown = program.prints(&["--config", &file, "config", "show"]).await;

    let shown: toml::Table = shown.parse().unwrap();
    assert_eq!(shown["server"]["port"].as_integer(), Some(2222));
    assert_eq!(shown["server"]["ping_seconds"].as_integer(), Some(7));
    assert_eq!(shown["limits"]["page_max"].as_integer(), Some(9));
    assert_eq!(shown["limits"]["frame_bytes"].as_integer(), Some(65_536));
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_with_the_key() {
    let database = TestDatabase::sqlite();
    for (settings, key, reason) in [
        ("[server]\nprot = 1\n", "server.prot", "unknown key"),
        ("[servers]\nport = 1\n", "servers", "unknown key"),
        ("port = 1\n", "port", "unknown key"),
        ("[server]\nport = \"x\"\n", "server.port", "must be"),
        ("[server]\nport = 70000\n", "server.port", ""),
        ("[server]\nshutdown_seconds = 0\n", "server.shutdown_seconds", "at least 1"),
        ("[database]\nbatch_max = 0\n", "database.batch_max", "at least 1"),
        ("[limits]\nmessage_chars = 0\n", "limits.message_chars", "at least 1"),
        ("[log]\nformat = \"loud\"\n", "log.format", ""),
        ("[log]\nlevel = \"a=b=c\"\n", "log.level", ""),
        ("[log]\nlevel = \"loud\"\n", "log.level", "must be one of"),
        ("[log]\nlevel = \"info,loud\"\n", "log.level", "is `loud`"),
    ] {
        let (program, file) = with_file(&database, settings);
        for command in [&["config", "check"][..], &["serve"], &["user", "list"]] {
            let arguments = [&["--config", &file][..], command].concat();
            let complaint = program.complains(&arguments).await;
            assert!(complaint.contains("mine.toml"), "{settings}: {complaint}");
            assert!(complaint.contains(&format!("`{key}`")), "{settings}: {complaint}");
            assert!(complaint.contains(reason), "{settings}: {complaint}");
        }
    }
    let (program, file) = with_file(&database, "[server\n");
    let complaint = program.complains(&["--config", &file, "config", "check"]).await;
    assert!(complaint.contains("mine.toml"), "{complaint}");
    let complaint = program.complains(&["--config", "nowhere.toml", "config", "check"]).await;
    assert!(complaint.contains("nowhere.toml"), "{complaint}");
}

#[tokio::test]
async fn a_variable_that_cannot_be_used_is_named() {
    let database = TestDatabase::sqlite();
    for (name, value, reason) in [
        ("VIKRAHUB__SERVER__PROT", "1", "unknown key `server.prot`"),
        ("VIKRAHUB__SERVER__PORT", "x", "`server.port`"),
        ("VIKRAHUB__DATABASE__BATCH_MAX", "0", "`database.batch_max` must be at least 1"),
        ("DATABASE_URL", "mysql://x", "`database.url`"),
        ("JWT_SECRET", "too short", "`auth.secrets` a secret must have at least 32 bytes"),
        ("JWT_SECRET", "dev-secret-key-change-in-production", "known placeholder"),
        ("JWT_SECRET", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "known placeholder"),
    ] {
        let program = Program::new(&database).with(name, value);
        for command in [&["config", "check"][..], &["serve"]] {
            let complaint = program.complains(command).await;
            assert!(complaint.contains(name), "{name}={value}: {complaint}");
            assert!(complaint.contains(reason), "{name}={value}: {complaint}");
            let quotes_secret = name == "JWT_SECRET" && complaint.contains(value);
            assert!(!quotes_secret, "{complaint}");
        }
    }
}

#[tokio::test]
async fn the_secret_of_the_django_service_is_accepted_under_its_own_name() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database).without("JWT_SECRET").with("DJANGO_SECRET_KEY", "short");

    let complaint = program.complains(&["config", "check"]).await;

    assert!(complaint.contains("DJANGO_SECRET_KEY"), "{complaint}");
}

#[tokio::test]
async fn an_environment_without_its_file_is_refused() {
    let database = TestDatabase::sqlite();
    fs::create_dir(database.folder().join("config")).unwrap();
    fs::write(database.folder().join("config/staging.toml"), "[server]\nport = 4444\n").unwrap();

    let program = Program::new(&database).without("VIKRAHUB__SERVER__PORT");
    let shown = program.clone().with("VIKRAHUB_ENV", "staging").prints(&["config", "show"]).await;
    let complaint = program.with("VIKRAHUB_ENV", "stagging").complains(&["config", "show"]).await;

    assert!(shown.contains("port = 4444"), "{shown}");
    assert!(complaint.contains("config/stagging.toml"), "{complaint}");
}
