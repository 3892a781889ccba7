//! Who hears of a message, under which names and in which order.

use serde_json::{Value, json};

use crate::{helpers::Socket, on_both_databases};

on_both_databases! {
    async fn all_sockets_of_both_people_hear_of_a_message_once(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = [nadia.connect().await, nadia.connect().await, nadia.connect_v2().await];
        let mut omars = [omar.connect().await, omar.connect().await];

        nadias[0].send_message(omar.id, "hello").await;
        // Whoever has answered the sender has told everybody.
        nadias[0].receive_type("message_sent").await;

        for socket in &mut nadias[1..] {
            assert_eq!(socket.drained_types().await, ["message_delivered", "message_sent"]);
        }
        for socket in &mut omars {
            assert_eq!(socket.drained_types().await, ["new_message", "message"]);
        }
        assert_eq!(nadias[0].drained_types().await, Vec::<String>::new());
    }

    async fn a_third_person_hears_nothing(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut bystander = app.person("paula").await.connect().await;
        let mut nadias = nadia.connect().await;

        nadias.say(omar.id, "between us").await;

        assert_eq!(bystander.drain().await, Vec::<Value>::new());
    }

    async fn clients_that_know_the_new_name_are_spared_the_old_one(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut by_query = omar.connect_v2().await;
        let mut by_protocol = omar_with_subprotocol(app, &omar.access).await;
        let mut old = omar.connect().await;
        assert_eq!(by_protocol.subprotocol.as_deref(), Some("vikrahub.v2"));
        assert_eq!(old.subprotocol, None);

        nadia.connect().await.say(omar.id, "hello").await;

        assert_eq!(by_query.drained_types().await, ["new_message"]);
        assert_eq!(by_protocol.drained_types().await, ["new_message"]);
        assert_eq!(old.drained_types().await, ["new_message", "message"]);
    }

    async fn nothing_is_called_delivered_while_the_recipient_is_away(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;

        nadias.send_message(omar.id, "are you there?").await;
        let sent = nadias.expect("message_sent").await;

        assert_eq!(sent["message"]["is_delivered"], false);
        assert_eq!(sent["message"]["delivered_to"], json!([]));
        assert_eq!(nadias.drain().await, Vec::<Value>::new());
        assert_eq!(nadia.history_with(&omar).await[0]["is_delivered"], false);
        assert_eq!(omar.unread().await, 1);
    }

    async fn what_was_delivered_is_shown_as_delivered_in_history(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (mut nadias, _omars) = (nadia.connect().await, omar.connect().await);

        let sent = nadias.say(omar.id, "hello").await;

        for history in [nadia.history_with(&omar).await, omar.history_with(&nadia).await] {
            assert_eq!(history[0]["id"], sent["message"]["id"]);
            assert_eq!(history[0]["delivered_to"], json!(["omar"]));
            assert_eq!(history[0]["is_read"], false);
        }
    }

    async fn somebody_who_has_left_is_no_longer_told(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect().await;
        let omars = omar.connect().await;
        nadias.say(omar.id, "hello").await;

        omars.close().await;
        // The server learns of the end of a connection in its own time.
        loop {
            nadias.send_message(omar.id, "still there?").await;
            if nadias.receive().await["type"] == "message_sent" {
                break;
            }
            nadias.expect("message_sent").await;
        }

        assert!(omar.unread().await >= 2);
    }
}

async fn omar_with_subprotocol(app: &crate::helpers::TestApp, access: &str) -> Socket {
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    let mut request = app.ws_url("/ws/chat/").into_client_request().unwrap();
    let protocols = format!("vikrahub.v2, bearer.{access}").parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocols);
    let mut socket = Socket::open(request).await.unwrap();
    socket.expect("connection_established").await;
    socket
}
