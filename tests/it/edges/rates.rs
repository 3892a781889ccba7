//! How often things may be done.

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
    let kinds: [(u8, &[u8]); 5] =
        [(0x81, ping.as_bytes()), (0x81, b"nonsense"), (0x82, b"binary"), (0x89, b""), (0x01, b"")];
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
