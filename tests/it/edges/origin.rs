//! Who may open a WebSocket from a web page.

use super::*;

#[tokio::test]
async fn pages_of_other_sites_open_no_socket() {
    let app = app(|config| {
        config.cors.allowed_origins.push("https://app.example.com".to_owned());
    })
    .await;
    let nadia = app.person("nadia").await;
    let (own, port) = (app.address.to_string(), app.address.port());
    let own_page = format!("http://{own}");
    let table: [(&[u8], bool); 24] = [
        (own_page.as_bytes(), true),
        (b"http://localhost:3000", true),
        (b"HTTP://LOCALHOST:3000", true),
        (b"http://127.0.0.1:3000", true),
        (b"https://app.example.com", true),
        (b"https://app.example.com:443", true),
        (b"https://APP.Example.com", true),
        (b"", false),
        (b"null", false),
        (b"file://", false),
        (b"http://localhost", false),
        (b"http://localhost:3001", false),
        (b"https://localhost:3000", false),
        (b"http://localhost:3000/", false),
        (b"http://localhost:3000.evil.org", false),
        (b"http://app.example.com", false),
        (b"https://app.example.com:8443", false),
        (b"https://www.app.example.com", false),
        (b"https://example.com", false),
        (b"https://evil-app.example.com", false),
        (b"https://app.example.com.evil.org", false),
        (b"https://app.example.com@evil.org", false),
        (b"https://app.example.com, https://evil.org", false),
        ("https://äpp.example.com".as_bytes(), false),
    ];
    for path in ["/ws/chat/", "/ws/messaging/", "/ws/notifications/"] {
        let path = format!("{path}?token={}", nadia.access);
        for (origin, is_welcome) in table {
            let (status, _) = status(handshake(&app, &path, &[("origin", origin)])).await;
            let expected = if is_welcome { 101 } else { 403 };
            assert_eq!(status, expected, "{}", String::from_utf8_lossy(origin));
        }
        let other_scheme = format!("https://{own}");
        let other_host = format!("http://localhost:{port}");
        for origin in [other_scheme, other_host] {
            let request = handshake(&app, &path, &[("origin", origin.as_bytes())]);
            assert_eq!(status(request).await.0, 403, "{origin}");
        }
        let several: [(&str, &[u8]); 2] =
            [("origin", b"http://localhost:3000"), ("origin", b"https://evil.org")];
        assert_eq!(status(handshake(&app, &path, &several)).await.0, 403);
        // Programs other than browsers say nothing.
        assert_eq!(status(handshake(&app, &path, &[])).await.0, 101);
    }
    app.stop().await;
}

#[tokio::test]
async fn behind_a_proxy_the_servers_own_pages_are_those_the_browser_shows() {
    let behind_proxy =
        app(|config| config.server.trusted_proxies = vec!["127.0.0.0/8".to_owned()]).await;
    let direct = app(|_config| {}).await;
    let page: [(&str, &[u8]); 3] = [
        ("origin", b"https://chat.example.com"),
        ("x-forwarded-host", b"chat.example.com"),
        ("x-forwarded-proto", b"https"),
    ];
    for (app, expected) in [(behind_proxy, 101), (direct, 403)] {
        assert_eq!(status(handshake(&app, "/ws/messaging/", &page)).await.0, expected);
        let mut socket_scheme = page;
        socket_scheme[2].1 = b"wss";
        let request = handshake(&app, "/ws/messaging/", &socket_scheme);
        assert_eq!(status(request).await.0, expected);
        let mut foreign = page;
        foreign[0].1 = b"https://evil.example.com";
        assert_eq!(status(handshake(&app, "/ws/messaging/", &foreign)).await.0, 403);
        foreign[0].1 = b"http://chat.example.com";
        assert_eq!(status(handshake(&app, "/ws/messaging/", &foreign)).await.0, 403);
        app.stop().await;
    }
}
