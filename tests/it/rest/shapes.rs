//! What every answer has in common (contract §1.3, §1.5, §1.7).

use reqwest::Method;
use serde_json::json;

use crate::{helpers::Answer, on_both_databases};

/// Everything that needs a token, with a method that works.
const PRIVATE: [(&str, &str); 13] = [
    ("GET", "/api/users/me/"),
    ("GET", "/api/profiles/my_profile/"),
    ("GET", "/api/users/username/nadia/"),
    ("GET", "/api/messaging/unread-count/"),
    ("GET", "/api/messaging/messages/?user_id=1"),
    ("GET", "/api/messages/?user_id=1"),
    ("GET", "/api/messaging/messages/user/1/unread/"),
    ("GET", "/api/messaging/conversations/"),
    ("POST", "/api/messaging/conversations/"),
    ("GET", "/api/messaging/conversations/00000000-0000-4000-8000-000000000000/"),
    ("GET", "/api/messaging/conversations/00000000-0000-4000-8000-000000000000/messages/"),
    ("POST", "/api/messaging/conversations/00000000-0000-4000-8000-000000000000/messages/"),
    ("POST", "/api/messaging/conversations/00000000-0000-4000-8000-000000000000/mark-read/"),
];

/// Paths with the methods they allow, and one they do not.
const METHODS: [(&str, &str, &str); 9] = [
    ("/api/", "GET, HEAD, OPTIONS", "POST"),
    ("/health/live", "GET, HEAD, OPTIONS", "POST"),
    ("/api/auth/token/", "POST, OPTIONS", "GET"),
    ("/api/auth/token/refresh/", "POST, OPTIONS", "GET"),
    ("/api/users/", "GET, POST, HEAD, OPTIONS", "DELETE"),
    ("/api/users/me/", "GET, PATCH, HEAD, OPTIONS", "PUT"),
    ("/api/messaging/conversations/", "GET, POST, HEAD, OPTIONS", "DELETE"),
    ("/api/messaging/conversations/legacy/", "POST, OPTIONS", "GET"),
    ("/api/messaging/unread-count/", "GET, HEAD, OPTIONS", "POST"),
];

on_both_databases! {
    async fn nothing_private_is_answered_without_a_token(app) {
        let missing = json!({"detail": "Authentication credentials were not provided."});
        for (method, path) in PRIVATE {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            for path in [path.to_owned(), path.replacen("/?", "?", 1)] {
                let answer = Answer::of(app.request(method.clone(), &path)).await;
                assert_eq!((answer.status, &answer.body), (401, &missing), "{method} {path}");
                assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
            }
        }
    }

    async fn a_method_that_does_not_fit_is_answered_with_those_that_do(app) {
        let nadia = app.person("nadia").await;
        for (path, allowed, wrong) in METHODS {
            let method = Method::from_bytes(wrong.as_bytes()).unwrap();
            let answer = nadia.request(method, path, None).await;
            let detail = json!({"detail": format!("Method \"{wrong}\" not allowed.")});
            assert_eq!((answer.status, &answer.body), (405, &detail), "{path}");
            assert_eq!(answer.header("allow"), allowed, "{path}");
        }
    }

    async fn paths_work_with_and_without_their_slash(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        for path in [
            "/api/users/me/".to_owned(),
            "/api/users/username/omar/".to_owned(),
            "/api/messaging/unread-count/".to_owned(),
            "/api/messaging/conversations/".to_owned(),
            format!("/api/messaging/conversations/{id}/"),
            format!("/api/messaging/conversations/{id}/messages/"),
            format!("/api/messages/user/{}/unread/", omar.id),
            "/api/".to_owned(),
        ] {
            nadia.get(&path).await.ok();
            nadia.get(path.trim_end_matches('/')).await.ok();
        }
    }

    /// Never 401: the old front end would throw its tokens away (contract §0.8).
    async fn what_is_not_there_is_not_found(app) {
        let nadia = app.person("nadia").await;
        let not_found = json!({"detail": "Not found."});
        for path in [
            "/nothing", "/api/nothing/", "/api/posts/", "/api/blog/x/",
            "/api/messaging/conversations/not-a-uuid/",
            "/api/messaging/conversations/not-a-uuid/messages/",
            "//api/users/me/", "/.env", "/config/default.toml",
        ] {
            let answer = nadia.get(path).await;
            assert_eq!((answer.status, &answer.body), (404, &not_found), "{path}");
        }
        for path in ["/nothing", "/api/posts/", "/api/blog/x/"] {
            app.get(path).await.is(404, &not_found);
        }
    }

    async fn the_service_describes_itself(app) {
        for path in ["/", "/api/", "/api"] {
            let description = app.get(path).await.ok();
            assert_eq!(description["status"], "healthy");
            assert_eq!(description["version"], env!("CARGO_PKG_VERSION"));
            assert_eq!(description["endpoints"]["chat"], "/ws/chat/");
        }
    }

    async fn a_healthy_server_says_so(app) {
        assert_eq!(app.get("/health/live").await.ok()["status"], "ok");
        let ready = app.get("/health/ready").await.ok();
        assert_eq!((&ready["status"], &ready["unsafe_durability"]), (&json!("ok"), &json!(false)));
    }

    async fn every_answer_can_be_found_in_the_log_and_is_what_it_says(app) {
        let mut ids = vec![];
        for path in ["/api/", "/nothing", "/api/users/me/"] {
            let answer = app.get(path).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert!(answer.header("content-type").starts_with("application/json"), "{path}");
            ids.push(answer.header("x-request-id").to_owned());
        }
        for id in &ids {
            assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 3);
    }
}
