//! What is decided before anybody knows who asks, and how often anybody may ask: CORS (contract
//! §1.7), the origin of handshakes, the client's address, rates and numbers of connections.

use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_tungstenite::tungstenite::{
    self, Message,
    client::IntoClientRequest,
    http::{HeaderValue, Request},
};
use vikrahub_messaging::config::Config;

use crate::helpers::{Answer, Person, RawSocket, Site, Socket, TestApp, TestDatabase};

const CONVERSATIONS: &str = "/api/messaging/conversations/";

/// A server of one test with other settings than usual.
async fn app(change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::spawn_with(TestDatabase::sqlite(), change).await
}

/// The answer to a request with these headers.
async fn ask(site: &Site, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = site.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request).await
}

fn handshake(site: &Site, path: &str, headers: &[(&'static str, &[u8])]) -> Request<()> {
    let mut request = site.ws_url(path).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_bytes(value).unwrap());
    }
    request
}

/// The status a handshake is answered with, and the headers of a refusal.
async fn status(request: impl IntoClientRequest + Unpin) -> (u16, HeaderMap) {
    match Socket::open(request).await {
        Ok(_socket) => (101, HeaderMap::new()),
        Err(tungstenite::Error::Http(response)) => {
            (response.status().as_u16(), response.headers().clone())
        }
        Err(error) => panic!("{error}"),
    }
}

fn seconds(headers: &HeaderMap) -> u64 {
    headers["retry-after"].to_str().unwrap().parse().unwrap()
}

fn is_throttled(answer: &Answer) {
    assert_eq!(answer.status, 429, "{answer:?}");
    assert_eq!(answer.body["code"], "rate_limited");
    assert_eq!(answer.body["retry_after"], seconds(&answer.headers));
    assert!(answer.body["detail"].as_str().unwrap().starts_with("Request was throttled."));
}

mod cors {
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
}

mod origin {
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
}

mod addresses {
    use super::*;

    /// How many logins of these addresses, one after the other, are not throttled.
    async fn attempts(site: &Site, addresses: &[&str]) -> usize {
        let mut passed = 0;
        for address in addresses {
            let body = json!({"username": "nobody", "password": "wrong"});
            let request = site.request(Method::POST, "/api/auth/token/").json(&body);
            let answer = Answer::of(request.header("x-forwarded-for", *address)).await;
            match answer.status {
                401 => passed += 1,
                _ => is_throttled(&answer),
            }
        }
        passed
    }

    #[tokio::test]
    async fn a_trusted_proxy_names_the_client() {
        let app = app(|config| {
            config.server.trusted_proxies = vec!["127.0.0.1".to_owned()];
            config.limits.logins_per_minute = 2;
        })
        .await;

        assert_eq!(attempts(&app, &["192.0.2.1"; 5]).await, 2);
        assert_eq!(attempts(&app, &["192.0.2.2"; 5]).await, 2);
        // What the client writes itself stands left of what the proxy adds.
        assert_eq!(attempts(&app, &["192.0.2.3, 192.0.2.1", "192.0.2.4, 192.0.2.2"]).await, 0);
        // An IPv6 client has 2^64 addresses to choose from.
        let network = ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3"];
        assert_eq!(attempts(&app, &network).await, 2);
        assert_eq!(attempts(&app, &["2001:db8:1:3::1"]).await, 1);
        app.stop().await;
    }

    #[tokio::test]
    async fn nobody_else_does() {
        let app = app(|config| {
            config.server.trusted_proxies = vec!["10.0.0.0/8".to_owned()];
            config.limits.logins_per_minute = 2;
        })
        .await;

        assert_eq!(attempts(&app, &["192.0.2.1", "192.0.2.2", "192.0.2.3", "10.0.0.1"]).await, 2);
        app.stop().await;
    }

    #[tokio::test]
    async fn refused_refreshes_are_counted_by_client() {
        let app = app(|config| config.server.trusted_proxies = vec!["127.0.0.1".to_owned()]).await;
        for client in ["192.0.2.1", "192.0.2.2"] {
            for expected in [401, 401, 401, 401, 401, 429] {
                let request = app.request(Method::POST, "/api/auth/token/refresh/");
                let request = request.json(&json!({"refresh": "nonsense"}));
                let answer = Answer::of(request.header("x-forwarded-for", client)).await;
                assert_eq!(answer.status, expected);
            }
        }
        app.stop().await;
    }
}

mod rates {
    use super::*;

    fn few_sends(config: &mut Config) {
        config.limits.send_burst = 5;
        config.limits.sends_per_second = 1;
    }

    #[tokio::test]
    async fn too_many_messages_are_refused_over_both_doors() {
        let app = app(few_sends).await;
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let mut socket = nadia.connect_v2().await;

        for n in 0..20 {
            let client_id = format!("nr {n}");
            let frame = json!({
                "type": "message", "recipient_id": omar.id, "text": "hi", "client_id": client_id,
            });
            socket.send(frame).await;
        }

        let mut events = vec![];
        for _ in 0..20 {
            events.push(socket.receive().await);
        }
        let (sent, refused): (Vec<_>, Vec<_>) =
            events.iter().partition(|event| event["type"] == "message_sent");
        assert!(sent.len() >= 5 && refused.len() >= 5, "{events:?}");
        for refused in &refused {
            let refusal = json!({
                "type": "error",
                "message": "You are sending too quickly, try again later",
                "code": "rate_limited",
                "client_id": refused["client_id"],
                "retry_after": 1,
            });
            assert_eq!(*refused, &refusal);
            assert!(!sent.iter().any(|sent| sent["client_id"] == refused["client_id"]));
        }
        // Another connection and the other door are no way around: at most one a second passes.
        let mut stored = sent.len();
        let mut other = nadia.connect_v2().await;
        loop {
            other.send_message(omar.id, "hi").await;
            let answer = other.receive().await;
            if answer["type"] == "error" {
                break assert_eq!(answer["code"], "rate_limited");
            }
            stored += 1;
        }
        let path = format!("{CONVERSATIONS}{conversation}/messages/");
        loop {
            let answer = nadia.post(&path, json!({"content": "hi"})).await;
            if answer.status != 201 {
                break is_throttled(&answer);
            }
            stored += 1;
        }
        // The others are not held up.
        omar.write(&conversation, "hello").await;
        // And after a moment he is let through again.
        while nadia.post(&path, json!({"content": "hi"})).await.status != 201 {}
        assert_eq!(nadia.history_with(&omar).await.len(), stored + 2);
        app.stop().await;
    }

    #[tokio::test]
    async fn whoever_goes_on_flooding_is_cut_off() {
        let app = app(few_sends).await;
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut listening = omar.connect_v2().await;
        let mut socket = RawSocket::open(&app, &nadia).await;

        let text = json!({"type": "message", "recipient_id": omar.id, "text": "hi"}).to_string();
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        frame.extend(text.as_bytes());
        socket.send_until_refused(&frame, 150).await;

        assert_eq!(socket.close_code().await, 4029);
        socket.end().await;
        // What was accepted arrives, and no more than that.
        for _ in 0..5 {
            listening.expect("new_message").await;
        }
        assert!(listening.drain().await.len() <= 5);
        // He may come back.
        nadia.connect().await;
        app.stop().await;
    }

    #[tokio::test]
    async fn frames_of_every_kind_count() {
        let app = app(|config| config.limits.frames_per_second = 10).await;
        let nadia = app.person("nadia").await;
        let ping = json!({"type": "ping"}).to_string();
        let kinds: [(u8, &[u8]); 5] = [
            (0x81, ping.as_bytes()),
            (0x81, b"nonsense"),
            (0x82, b"binary"),
            (0x89, b""),
            (0x01, b""),
        ];
        for (first, payload) in kinds {
            let mut socket = RawSocket::open(&app, &nadia).await;
            socket.send_frame(first, payload).await;
            // A fragment is followed by more of its kind.
            let first = if first == 0x01 { 0x00 } else { first };
            let mut frame = vec![first, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
            frame.extend(payload);
            socket.send_until_refused(&frame, 250).await;
            assert_eq!(socket.close_code().await, 4029, "{first:#x}");
        }
        // Whoever waits as he is told is not cut off.
        let mut socket = nadia.connect().await;
        let mut refused = 0;
        while refused < 20 {
            socket.send(json!({"type": "ping"})).await;
            let event = socket.receive().await;
            if event["type"] == "error" {
                assert_eq!(
                    (&event["code"], &event["retry_after"]),
                    (&json!("rate_limited"), &json!(1))
                );
                refused += 1;
            }
        }
        app.stop().await;
    }

    #[tokio::test]
    async fn typing_too_often_is_not_told() {
        let app = app(|config| config.limits.typing_per_minute = 3).await;
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let (mut socket, mut listening) = (nadia.connect_v2().await, omar.connect_v2().await);

        for kind in ["start", "stop", "start", "stop", "start", "stop"] {
            let kind = format!("typing_{kind}");
            socket.send(json!({"type": kind, "conversation_id": conversation})).await;
        }
        socket.say(omar.id, "done").await;

        for is_typing in [true, false, true] {
            assert_eq!(listening.expect("user_typing").await["is_typing"], is_typing);
        }
        listening.expect("new_message").await;
        app.stop().await;
    }

    #[tokio::test]
    async fn logins_and_registrations_are_counted_whether_they_succeed_or_not() {
        let app = app(|config| {
            config.limits.logins_per_minute = 3;
            config.limits.registrations_per_minute = 2;
        })
        .await;
        let account = |name: &str| json!({"username": name, "password": format!("pw-{name}")});

        app.post("/api/users/", account("nadia")).await.ok();
        assert_eq!(app.post("/api/users/", account("nadia")).await.status, 400);
        is_throttled(&app.post("/api/users/", account("omar")).await);

        app.log_in("nadia", "pw-nadia").await.ok();
        assert_eq!(app.log_in("nadia", "wrong").await.status, 401);
        assert_eq!(app.log_in("nobody", "wrong").await.status, 401);
        is_throttled(&app.log_in("nadia", "pw-nadia").await);
        app.stop().await;
    }

    #[tokio::test]
    async fn handshakes_are_counted_whether_they_succeed_or_not() {
        let app = app(|config| config.limits.connects_per_minute = 3).await;

        assert_eq!(status(app.ws_url("/ws/messaging/")).await.0, 101);
        assert_eq!(status(app.ws_url("/ws/chat/?token=nonsense")).await.0, 403);
        assert_eq!(status(app.ws_url("/ws/chat/")).await.0, 403);
        for path in ["/ws/chat/", "/ws/messaging/"] {
            let (status, headers) = status(app.ws_url(path)).await;
            assert_eq!(status, 429, "{path}");
            assert!((1..=20).contains(&seconds(&headers)));
        }
        app.stop().await;
    }

    #[tokio::test]
    async fn zero_turns_limits_off() {
        let app = app(|config| {
            config.limits.frames_per_second = 0;
            config.limits.sockets_per_user = 0;
        })
        .await;
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut socket = nadia.connect_v2().await;
        for _ in 0..300 {
            socket.send_message(omar.id, "hi").await;
        }
        for _ in 0..300 {
            let event = socket.receive_type("message_sent").await;
            assert_eq!(event["duplicate"], false);
        }
        app.stop().await;
    }
}

mod sockets {
    use super::*;

    fn authenticate(person: &Person) -> Value {
        json!({"type": "authenticate", "token": person.access})
    }

    #[tokio::test]
    async fn a_persons_oldest_socket_makes_room_for_a_new_one() {
        let app = app(|config| config.limits.sockets_per_user = 2).await;
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut chat, mut messaging) = (nadia.connect().await, nadia.connect_messaging().await);
        let mut others = omar.connect_v2().await;

        let mut third = nadia.connect_v2().await;
        assert_eq!(chat.close_code().await, 4009);
        // Nobody's socket becomes his when he says who he is.
        let mut fourth = Socket::open(app.ws_url("/ws/messaging/")).await.unwrap();
        fourth.expect("connection_established").await;
        third.drain().await;
        messaging.drain().await;
        fourth.send(authenticate(&nadia)).await;
        fourth.expect("authenticated").await;
        assert_eq!(messaging.close_code().await, 4009);

        others.say(nadia.id, "still there?").await;
        third.expect("new_message").await;
        fourth.expect("new_message").await;
        // A socket he closes himself makes room as well.
        third.close().await;
        nadia.connect().await;
        fourth.drain().await;
        app.stop().await;
    }

    /// Opens sockets until one is let in; the server may take a moment to notice an end.
    async fn until_let_in(site: &Site, person: &Person) -> RawSocket {
        let path = format!("/ws/chat/?token={}", person.access);
        while status(site.ws_url(&path)).await.0 == 429 {}
        // That one has gone again, at once.
        while status(site.ws_url("/ws/chat/?token=nonsense")).await.0 == 429 {}
        RawSocket::open(site, person).await
    }

    #[tokio::test]
    async fn an_address_has_so_many_sockets_and_gets_every_one_back() {
        let app = app(|config| config.limits.sockets_per_address = 2).await;
        let nadia = app.person("nadia").await;
        let kept = RawSocket::open(&app, &nadia).await;
        let is_full = async || {
            for path in ["/ws/chat/", "/ws/messaging/"] {
                let (status, headers) = status(app.ws_url(path)).await;
                assert_eq!(status, 429, "{path}");
                assert!(seconds(&headers) > 0);
            }
        };

        // Handshakes that fail take no place for longer than they last.
        for _ in 0..10 {
            assert_eq!(status(app.ws_url("/ws/chat/?token=nonsense")).await.0, 403);
            assert_eq!(app.get("/ws/messaging/").await.status, 400);
            let mut stream = TcpStream::connect(app.address).await.unwrap();
            stream.write_all(b"GET /ws/messaging/ HTTP/1.1\r\nHost: x\r\nUpg").await.unwrap();
        }

        // A Close frame, an error of the protocol, a flood, and a connection that breaks.
        let mut socket = until_let_in(&app, &nadia).await;
        is_full().await;
        socket.send_frame(0x88, &1000_u16.to_be_bytes()).await;
        socket.end().await;

        let mut socket = until_let_in(&app, &nadia).await;
        is_full().await;
        socket.send_frame(0x83, b"").await;
        socket.end().await;

        let mut socket = until_let_in(&app, &nadia).await;
        is_full().await;
        socket.send_until_refused(&[0x89, 0x80, 1, 2, 3, 4], 100_000).await;
        socket.end().await;

        let socket = until_let_in(&app, &nadia).await;
        is_full().await;
        drop(socket);

        let _last = until_let_in(&app, &nadia).await;
        is_full().await;
        drop(kept);
        app.stop().await;
    }

    #[tokio::test]
    async fn a_socket_that_had_to_make_room_gives_its_place_back() {
        let app = app(|config| {
            config.limits.sockets_per_address = 3;
            config.limits.sockets_per_user = 2;
        })
        .await;
        let nadia = app.person("nadia").await;
        let mut open = std::collections::VecDeque::new();
        for _ in 0..10 {
            let path = format!("/ws/chat/?token={}", nadia.access);
            let mut socket = loop {
                match Socket::open(app.ws_url(&path)).await {
                    Ok(socket) => break socket,
                    Err(tungstenite::Error::Http(refusal)) => assert_eq!(refusal.status(), 429),
                    Err(error) => panic!("{error}"),
                }
            };
            socket.expect("connection_established").await;
            open.push_back(socket);
            if open.len() > 2 {
                let mut oldest: Socket = open.pop_front().unwrap();
                assert_eq!(oldest.close_code().await, 4009);
            }
        }
        for socket in &mut open {
            socket.send_raw(Message::text(r#"{"type":"ping"}"#)).await;
            socket.receive_type("pong").await;
        }
        app.stop().await;
    }
}
