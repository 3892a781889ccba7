//! The log of the real binary, as talkative as it can be: useful, and without a secret (contract
//! §7.14 shows why).

use reqwest::Method;
use serde_json::json;

use crate::{
    helpers::{Answer, Program, ServerProcess, Socket, TestDatabase},
    with_both_databases,
};

const PASSWORD: &str = "correct-horse-battery";
const WRONG_PASSWORD: &str = "wrong-horse-battery";
const TEXT: &str = "meet-me-at-the-old-bridge";

/// Everything a client can do, well and badly. Returns what must never be written down.
async fn a_days_work(server: &ServerProcess) -> Vec<String> {
    let account = json!({"username": "omar", "password": PASSWORD, "email": "omar@secret.example"});
    server.post("/api/users/", account).await.ok();
    let tokens = server.log_in("omar", PASSWORD).await.ok();
    let (access, refresh) = (
        tokens["access"].as_str().unwrap().to_owned(),
        tokens["refresh"].as_str().unwrap().to_owned(),
    );
    let nadia = server.person("nadia").await;
    server.log_in("omar", WRONG_PASSWORD).await;
    server.post("/api/auth/token/refresh/", json!({"refresh": refresh})).await.ok();
    server.post("/api/auth/token/refresh/", json!({"refresh": access})).await;
    server.get(&format!("/api/users/me/?token={access}")).await;
    let form = server.request(Method::POST, "/api/auth/token/");
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    Answer::of(form.body(format!("username=omar&password={WRONG_PASSWORD}"))).await;
    let broken = server.request(Method::POST, "/api/auth/token/");
    Answer::of(broken.body(format!("{{\"password\": \"{WRONG_PASSWORD}\""))).await;

    let url = server.ws_url(&format!("/ws/chat/?token={access}"));
    let mut omars = Socket::open(url).await.unwrap();
    omars.expect("connection_established").await;
    let mut nadias = nadia.connect().await;
    omars.say(nadia.id, TEXT).await;
    nadias.receive_type("new_message").await;
    let conversation = nadia.get("/api/messaging/conversations/").await.ok()[0]["id"].clone();
    nadia.write(conversation.as_str().unwrap(), &format!("{TEXT}, again")).await;
    for bad in [
        json!({"type": "message", "recipient_id": 404_404, "text": TEXT}),
        json!({"type": "message", "recipient_id": "x", "text": [TEXT]}),
        json!({"type": TEXT}),
        json!([TEXT]),
    ] {
        omars.send(bad).await;
        omars.receive_type("error").await;
    }
    let forged = format!("{access}x");
    assert_eq!(Socket::refusal(server.ws_url(&format!("/ws/chat/?token={forged}"))).await, 403);
    omars.close().await;
    nadias.close().await;

    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    vec![
        PASSWORD.to_owned(),
        WRONG_PASSWORD.to_owned(),
        "pw-nadia".to_owned(),
        TEXT.to_owned(),
        "omar@secret.example".to_owned(),
        signature(&access),
        signature(&refresh),
        signature(&nadia.access),
        signature(&nadia.refresh),
        crate::helpers::SECRET.to_owned(),
        "$argon2id$".to_owned(),
    ]
}

async fn log_of(database: &TestDatabase, level: &str, format: &str) -> (String, Vec<String>) {
    let program = Program::unlimited(database)
        .with("VIKRAHUB__LOG__LEVEL", level)
        .with("VIKRAHUB__LOG__FORMAT", format);
    let server = program.serve().await;
    let secrets = a_days_work(&server).await;
    server.terminate().await;
    let (status, log) = server.ended().await;
    assert!(status.success(), "{status}");
    (log, secrets)
}

with_both_databases! {
    async fn even_the_most_talkative_log_holds_no_secret(database) {
        let (log, secrets) = log_of(database, "trace", "pretty").await;

        assert!(log.lines().count() > 100, "{log}");
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(&secret));
            assert_eq!(line, None, "{secret}");
        }
    }

    async fn a_log_for_machines_is_one_object_per_line(database) {
        let (log, secrets) = log_of(database, "debug", "json").await;

        for line in log.lines() {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(entry["timestamp"].is_string() && entry["level"].is_string(), "{line}");
            assert!(secrets.iter().all(|secret| !line.contains(secret.as_str())), "{line}");
        }
        // A request can be found by the id that its client was given.
        let answered = log.lines().find(|line| line.contains("request answered")).unwrap();
        let answered: serde_json::Value = serde_json::from_str(answered).unwrap();
        let span = &answered["span"];
        assert!(span["request_id"].is_string() && span["path"].is_string(), "{answered}");
    }

    async fn an_ordinary_day_leaves_no_warning(database) {
        let (log, _) = log_of(database, "info", "pretty").await;

        assert!(log.contains("listening") && log.contains("stopped"), "{log}");
        // The tests log in as a superuser, which an installation is told not to do.
        let mut lines = log.lines().filter(|line| !line.contains("logs in to PostgreSQL as"));
        assert!(lines.all(|line| !line.contains(" WARN ") && !line.contains(" ERROR ")), "{log}");
    }
}
