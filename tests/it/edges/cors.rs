//! Cross-origin requests (contract §1.7).

use super::*;

fn preflight(origin: &str) -> [(&str, &str); 3] {
    [
        ("origin", origin),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,content-type"),
    ]
}

fn sorted(list: &str) -> Vec<String> {
    let mut names: Vec<_> = list.split(',').map(|name| name.trim().to_lowercase()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_preflight_of_an_allowed_page_is_answered_200() {
    let app = app(|config| {
        config.cors.allowed_origins = vec!["https://Chat.example.com".to_owned()];
    })
    .await;

    let origin = "https://chat.example.com";
    let answer = ask(&app, Method::OPTIONS, CONVERSATIONS, &preflight(origin)).await;

    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), origin);
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert_eq!(answer.header("access-control-max-age"), "86400");
    assert_eq!(
        sorted(answer.header("access-control-allow-methods")),
        ["delete", "get", "options", "patch", "post", "put"]
    );
    assert_eq!(
        sorted(answer.header("access-control-allow-headers")),
        [
            "accept",
            "accept-encoding",
            "authorization",
            "content-type",
            "dnt",
            "origin",
            "user-agent",
            "x-csrftoken",
            "x-requested-with"
        ]
    );
    app.stop().await;
}

#[tokio::test]
async fn only_allowed_pages_may_read_answers() {
    let app = app(|_config| {}).await;
    let nadia = app.person("nadia").await;
    let bearer = format!("Bearer {}", nadia.access);
    for (origin, is_allowed) in [
        ("http://localhost:3000", true),
        ("http://127.0.0.1:3000", true),
        ("http://localhost:3001", false),
        ("https://localhost:3000", false),
        ("http://evil.localhost:3000", false),
        ("null", false),
    ] {
        let allowed_as = if is_allowed { origin } else { "" };
        let preflight = ask(&app, Method::OPTIONS, CONVERSATIONS, &preflight(origin)).await;
        assert_eq!(preflight.header("access-control-allow-origin"), allowed_as, "{origin}");
        // The request of any program is carried out; whether a page may read the answer is for
        // its browser to say. So for refusals too, or the page could not tell what is wrong.
        for (path, status) in [(CONVERSATIONS, 200), ("/api/nothing/", 404)] {
            let headers = [("origin", origin), ("authorization", &bearer)];
            let answer = ask(&app, Method::GET, path, &headers).await;
            assert_eq!(answer.status, status, "{origin}");
            assert_eq!(answer.header("access-control-allow-origin"), allowed_as, "{origin}");
            assert_ne!(answer.header("x-request-id"), "");
        }
        let answer = ask(&app, Method::GET, CONVERSATIONS, &[("origin", origin)]).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("access-control-allow-origin"), allowed_as, "{origin}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_plain_options_request_is_told_the_methods() {
    let app = app(|_config| {}).await;
    for (path, methods) in [
        ("/api/auth/token/", "POST, OPTIONS"),
        (CONVERSATIONS, "GET, POST, HEAD, OPTIONS"),
        ("/api/messaging/messages/5/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
    ] {
        for headers in [&[][..], &[("origin", "http://localhost:3000")]] {
            let answer = ask(&app, Method::OPTIONS, path, headers).await;
            assert_eq!((answer.status, answer.header("allow")), (200, methods), "{path}");
        }
    }
    let answer = ask(&app, Method::OPTIONS, "/api/nothing/", &[]).await;
    assert_eq!(answer.status, 404);
    app.stop().await;
}
