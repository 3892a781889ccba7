//! Who is let in to `/ws/chat/`, and how the others are told (contract §1.4).

use jsonwebtoken::{Algorithm, Header};
use serde_json::json;
use tokio_tungstenite::tungstenite::{client::IntoClientRequest, http::Request};

use crate::{
    helpers::{
        SECRET, Site, Socket,
        token::{claims, claims_with, now, signed, token},
    },
    on_both_databases,
};

/// A handshake with these headers.
fn with_headers(site: &Site, path: &str, headers: &[(&'static str, &str)]) -> Request<()> {
    let mut request = site.ws_url(path).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

on_both_databases! {
    async fn the_first_frame_says_who_is_connected(app) {
        let nadia = app.person("nadia").await;
        let url = app.ws_url(&format!("/ws/chat/?token={}", nadia.access));

        let mut socket = Socket::open(url).await.unwrap();

        let established = json!({
            "type": "connection_established",
            "user_id": nadia.id,
            "username": "nadia",
            "message": "Connected to chat system",
            "epoch": app.database.text("SELECT epoch FROM database_epoch").await,
        });
        assert_eq!(socket.receive().await, established);
    }

    async fn whoever_has_no_valid_access_token_is_refused(app) {
        let nadia = app.person("nadia").await;
        let expired = token(&claims_with(nadia.id, "exp", json!(now() - 1)));
        let unknown = token(&claims(404_404));
        let foreign = signed(&Header::default(), &claims(nadia.id), &"x1y2".repeat(12));
        let wrong_algorithm = signed(&Header::new(Algorithm::HS512), &claims(nadia.id), SECRET);
        for query in [
            String::new(),
            "?token=".to_owned(),
            "?token".to_owned(),
            "?token=nonsense".to_owned(),
            "?token=a.b.c".to_owned(),
            format!("?token={}x", nadia.access),
            format!("?Token={}", nadia.access),
            format!("?token={}", "a".repeat(5000)),
            format!("?token={expired}"),
            format!("?token={}", nadia.refresh),
            format!("?token={unknown}"),
            format!("?token={foreign}"),
            format!("?token={wrong_algorithm}"),
        ] {
            let refusal = Socket::refusal(app.ws_url(&format!("/ws/chat/{query}"))).await;
            assert_eq!(refusal, 403, "{query}");
        }
    }

    async fn a_deactivated_user_is_refused(app) {
        let nadia = app.person("nadia").await;
        let body = json!({"username": "omar", "password": "pw-omar"});
        let omar = app.post("/api/users/", body).await.ok()["id"].as_i64().unwrap();
        // Before anybody has looked him up: people are believed for two seconds.
        let deactivate = format!("UPDATE users SET is_active = false WHERE id = {omar}");
        app.database.execute(&deactivate).await;

        let url = app.ws_url(&format!("/ws/chat/?token={}", token(&claims(omar))));

        assert_eq!(Socket::refusal(url).await, 403);
        nadia.connect().await;
    }

    async fn the_token_may_stand_anywhere_in_the_query(app) {
        let nadia = app.person("nadia").await;
        for query in [
            format!("token={}", nadia.access),
            format!("token={}&v=2", nadia.access),
            format!("v=2&token={}", nadia.access),
            format!("a=%20&flag&token={}&b=c%26d", nadia.access),
        ] {
            let url = app.ws_url(&format!("/ws/chat/?{query}"));
            match Socket::open(url).await {
                Ok(mut socket) => drop(socket.expect("connection_established").await),
                Err(error) => panic!("{query}: {error}"),
            }
        }
    }

    async fn the_token_may_stand_in_a_header(app) {
        let nadia = app.person("nadia").await;
        let (header, lower) =
            (format!("Bearer {}", nadia.access), format!("bearer {}", nadia.access));
        let protocol = format!("vikrahub.v2, bearer.{}", nadia.access);
        let alone = format!("bearer.{}", nadia.access);
        for headers in [
            ("authorization", &*header),
            ("authorization", &*lower),
            ("sec-websocket-protocol", &*protocol),
        ] {
            let request = with_headers(app, "/ws/chat/", &[headers]);
            Socket::open(request).await.unwrap().expect("connection_established").await;
        }

        // The token itself is never repeated as the chosen subprotocol.
        let request = with_headers(app, "/ws/chat/", &[("sec-websocket-protocol", &alone)]);
        let error = Socket::open(request).await.unwrap_err().to_string();
        assert!(error.contains("SubProtocol"), "{error}");
    }

    async fn a_header_without_a_valid_token_is_refused(app) {
        let nadia = app.person("nadia").await;
        for (name, value) in [
            ("authorization", nadia.access.clone()),
            ("authorization", format!("Token {}", nadia.access)),
            ("authorization", format!("Bearer {}", nadia.refresh)),
            ("authorization", "Bearer".to_owned()),
            ("sec-websocket-protocol", "vikrahub.v2".to_owned()),
            ("sec-websocket-protocol", "vikrahub.v2, bearer.".to_owned()),
            ("sec-websocket-protocol", format!("bearer.{}", nadia.refresh)),
        ] {
            let request = with_headers(app, "/ws/chat/", &[(name, &value)]);
            assert_eq!(Socket::refusal(request).await, 403, "{name}: {value}");
        }
    }

    async fn a_bad_token_in_the_query_is_not_saved_by_a_good_header(app) {
        let nadia = app.person("nadia").await;
        let header = format!("Bearer {}", nadia.access);
        let request = with_headers(app, "/ws/chat/?token=bad", &[("authorization", &header)]);

        assert_eq!(Socket::refusal(request).await, 403);
    }

    async fn other_paths_are_not_found(app) {
        let nadia = app.person("nadia").await;
        for path in ["/ws/chat", "/ws/chat/x/", "/ws/", "/ws/chats/", "/chat/"] {
            let url = app.ws_url(&format!("{path}?token={}", nadia.access));
            assert_eq!(Socket::refusal(url).await, 404, "{path}");
        }
    }

    async fn a_plain_request_is_not_upgraded(app) {
        let nadia = app.person("nadia").await;

        let answer = app.get(&format!("/ws/chat/?token={}", nadia.access)).await;

        assert_eq!(answer.status, 400, "{answer:?}");
    }

    async fn an_open_socket_outlives_its_token(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let soon = now() + 2;
        let brief = token(&claims_with(nadia.id, "exp", json!(soon)));
        let url = app.ws_url(&format!("/ws/chat/?token={brief}"));
        let mut socket = Socket::open(&url).await.unwrap();
        socket.expect("connection_established").await;

        // The handshake says when the token has expired.
        while Socket::open(&url).await.is_ok() {}

        socket.say(omar.id, "still here").await;
    }
}
