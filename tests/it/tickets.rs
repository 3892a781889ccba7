//! Tickets: each opens one WebSocket.

use serde_json::json;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::{
    helpers::{Person, Socket, TestApp},
    on_both_databases, with_both_databases,
};

async fn ticket(person: &Person) -> String {
    let answer = person.post("/api/messaging/ws-ticket/", json!({})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.body["expires_in"], 30);
    answer.body["ticket"].as_str().unwrap().to_owned()
}

async fn refusal(app: &TestApp, path: &str) -> u16 {
    Socket::refusal(app.ws_url(path)).await
}

on_both_databases! {
    async fn a_ticket_opens_one_connection_on_any_endpoint(app) {
        let nadia = app.person("nadia").await;
        for (path, first) in [
            ("/ws/chat/", "connection_established"),
            ("/ws/messaging/", "connection_established"),
            ("/ws/notifications/", "unread_count"),
        ] {
            let url = app.ws_url(&format!("{path}?v=2&ticket={}", ticket(&nadia).await));

            let mut socket = Socket::open(url.clone()).await.unwrap();

            let event = socket.expect(first).await;
            if first == "connection_established" {
                assert_eq!(event["user_id"], nadia.id);
            }
            if path == "/ws/messaging/" {
                // Lets anybody in, but as nobody.
                let mut again = Socket::open(url).await.unwrap();
                assert_eq!(again.receive().await["user_id"], json!(null));
            } else {
                assert_eq!(Socket::refusal(url).await, 403);
            }
        }
        assert_eq!(app.database.number("SELECT count(*) FROM ws_tickets").await, 0);
    }

    async fn what_is_no_ticket_opens_nothing(app) {
        let nadia = app.person("nadia").await;
        for bad in ["", "x", &"x".repeat(43), &"x".repeat(10_000), nadia.access.as_str()] {
            assert_eq!(refusal(app, &format!("/ws/chat/?ticket={bad}")).await, 403, "{bad}");
        }
        // A bad ticket is not made good by a token beside it.
        let both = format!("/ws/chat/?ticket=x&token={}", nadia.access);
        assert_eq!(refusal(app, &both).await, 403);
        // A ticket is no token.
        let ticket = ticket(&nadia).await;
        assert_eq!(refusal(app, &format!("/ws/chat/?token={ticket}")).await, 403);
        let rest = app.request(reqwest::Method::GET, "/api/users/me/").bearer_auth(&ticket);
        assert_eq!(rest.send().await.unwrap().status(), 401);
        // Nor can it be given in a header.
        let mut request = app.ws_url("/ws/chat/").into_client_request().unwrap();
        let value = format!("Bearer {ticket}").parse().unwrap();
        request.headers_mut().insert("authorization", value);
        assert_eq!(Socket::refusal(request).await, 403);
    }

    async fn a_ticket_expires(app) {
        let nadia = app.person("nadia").await;
        let ticket = ticket(&nadia).await;
        let past = "UPDATE ws_tickets SET expires_at = '2026-01-01 00:00:00+00:00'";
        app.database.execute(past).await;

        assert_eq!(refusal(app, &format!("/ws/chat/?ticket={ticket}")).await, 403);
    }

    async fn a_ticket_is_not_kept_as_it_is(app) {
        let nadia = app.person("nadia").await;
        let ticket = ticket(&nadia).await;

        let kept = app.database.text("SELECT hash FROM ws_tickets").await;

        assert_eq!(kept.len(), 64);
        assert_ne!(kept, ticket);
        assert_eq!(refusal(app, &format!("/ws/chat/?ticket={kept}")).await, 403);
    }

    async fn a_user_has_few_tickets_and_the_oldest_makes_room(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let omars = ticket(&omar).await;
        let first = ticket(&nadia).await;
        let mut last = String::new();
        for _ in 0..10 {
            last = ticket(&nadia).await;
        }

        assert_eq!(refusal(app, &format!("/ws/chat/?ticket={first}")).await, 403);
        for good in [last, omars] {
            let url = app.ws_url(&format!("/ws/chat/?ticket={good}"));
            Socket::open(url).await.unwrap().expect("connection_established").await;
        }
    }

    async fn a_deactivated_user_s_ticket_opens_nothing(app) {
        let nadia = app.person("nadia").await;
        let ticket = ticket(&nadia).await;
        app.database.execute("UPDATE users SET is_active = false WHERE username = 'nadia'").await;
        // People are believed for two seconds.
        while nadia.get("/api/users/me/").await.status != 401 {}

        assert_eq!(refusal(app, &format!("/ws/chat/?ticket={ticket}")).await, 403);
    }

    async fn used_twice_at_once_it_opens_one(app) {
        let nadia = app.person("nadia").await;
        let url = app.ws_url(&format!("/ws/chat/?ticket={}", ticket(&nadia).await));

        let (one, two) = tokio::join!(Socket::open(url.clone()), Socket::open(url));

        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    }
}

with_both_databases! {
    async fn a_ticket_is_good_on_every_server_of_the_database(database) {
        use crate::helpers::Program;
        let program = Program::unlimited(database);
        let (one, other) = (program.serve().await, program.serve().await);
        let nadia = Person::register(&one, "nadia").await;
        let ticket = ticket(&nadia).await;
        let path = format!("/ws/chat/?ticket={ticket}");

        Socket::open(other.ws_url(&path)).await.unwrap().expect("connection_established").await;

        assert_eq!(Socket::refusal(one.ws_url(&path)).await, 403);
    }
}
