//! How many sockets a person and an address may have.

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
