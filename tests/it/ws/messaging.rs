//! `/ws/messaging/` (contract §3, appendix A.5).

use serde_json::{Value, json};

use crate::{
    helpers::{Person, Socket},
    on_both_databases,
};

async fn join(socket: &mut Socket, conversation: &str) {
    socket.send(json!({"type": "join_conversation", "conversation_id": conversation})).await;
    assert_eq!(
        socket.expect("conversation_joined").await,
        json!({"type": "conversation_joined", "conversation_id": conversation})
    );
}

fn typing(is_typing: bool, person: &Person, conversation: &str) -> Value {
    json!({
        "type": "user_typing",
        "conversation_id": conversation,
        "user": {"id": person.id, "username": person.username, "full_name": person.username},
        "is_typing": is_typing,
    })
}

on_both_databases! {
    async fn anybody_may_connect_and_say_later_who_he_is(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let mut socket = Socket::open(app.ws_url("/ws/messaging/")).await.unwrap();

        assert_eq!(socket.receive().await, json!({
            "type": "connection_established", "user_id": null, "username": "anonymous",
            "message": "Connected as anonymous user",
        }));
        let frame = json!({"type": "typing_start", "conversation_id": conversation});
        assert_eq!(socket.refused(frame).await, "Authentication required");
        let frame = json!({"type": "join_conversation", "conversation_id": conversation});
        assert_eq!(socket.refused(frame).await, "Authentication required to join conversations");
        let frame = json!({"type": "authenticate"});
        assert_eq!(socket.refused(frame).await, "Token is required for authentication");
        for token in ["garbage", nadia.refresh.as_str()] {
            let frame = json!({"type": "authenticate", "token": token});
            assert_eq!(socket.refused(frame).await, "Invalid token");
        }
        for _ in 0..2 {
            socket.send(json!({"type": "authenticate", "token": nadia.access})).await;
            assert_eq!(socket.receive().await, json!({
                "type": "authenticated", "user_id": nadia.id, "username": "nadia",
            }));
        }
        join(&mut socket, &conversation).await;
    }

    async fn a_token_in_the_query_is_enough(app) {
        let nadia = app.person("nadia").await;
        for path in ["/ws/messaging/", "/ws/messaging/messaging/"] {
            let url = app.ws_url(&format!("{path}?token={}", nadia.access));

            let mut socket = Socket::open(url).await.unwrap();

            assert_eq!(socket.receive().await, json!({
                "type": "connection_established", "user_id": nadia.id, "username": "nadia",
            }));
            socket.send(json!({"type": "ping"})).await;
            assert_eq!(socket.receive().await, json!({"type": "pong"}));
        }
    }

    async fn only_ones_own_conversations_can_be_joined(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let mut zoes = app.person("zoe").await.connect_messaging().await;

        for id in [conversation.as_str(), "00000000-0000-7000-8000-000000000000", "x"] {
            let frame = json!({"type": "join_conversation", "conversation_id": id});
            assert_eq!(zoes.refused(frame).await, "Access denied to this conversation");
        }
        let frame = json!({"type": "join_conversation"});
        let text = "Failed to join conversation: ['Conversation ID is required']";
        assert_eq!(zoes.refused(frame).await, text);
        zoes.send(json!({"type": "leave_conversation", "conversation_id": conversation})).await;
        zoes.expect("conversation_left").await;
        // Typing where one does not belong is passed over in silence.
        zoes.send(json!({"type": "typing_start", "conversation_id": conversation})).await;
        assert_eq!(zoes.drained_types().await, Vec::<String>::new());
    }

    async fn typing_is_told_to_those_who_joined_and_never_to_oneself(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let mut nadias = nadia.connect_messaging().await;
        let (mut omars, mut aside) = (omar.connect_messaging().await, omar.connect_messaging().await);
        join(&mut nadias, &conversation).await;
        join(&mut omars, &conversation).await;

        nadias.send(json!({"type": "typing_start", "conversation_id": conversation})).await;
        assert_eq!(omars.receive().await, typing(true, &nadia, &conversation));
        nadias.send(json!({"type": "typing_stop", "conversation_id": conversation})).await;
        assert_eq!(omars.receive().await, typing(false, &nadia, &conversation));

        assert_eq!(nadias.drained_types().await, Vec::<String>::new());
        assert_eq!(aside.drained_types().await, Vec::<String>::new());
        omars.send(json!({"type": "leave_conversation", "conversation_id": conversation})).await;
        omars.expect("conversation_left").await;
        nadias.send(json!({"type": "typing_start", "conversation_id": conversation})).await;
        nadias.drain().await;
        assert_eq!(omars.drained_types().await, Vec::<String>::new());
    }

    async fn typing_ends_with_the_connection(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let (mut nadias, mut omars) = (nadia.connect_messaging().await, omar.connect_messaging().await);
        join(&mut omars, &conversation).await;
        nadias.send(json!({"type": "typing_start", "conversation_id": conversation})).await;
        assert_eq!(omars.receive().await, typing(true, &nadia, &conversation));

        nadias.close().await;

        assert_eq!(omars.receive().await, typing(false, &nadia, &conversation));
    }

    async fn typing_over_rest_is_told_as_well(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let conversation = nadia.conversation_with(&omar).await;
        let mut omars = omar.connect_messaging().await;
        let mut new_client = omar.connect_v2().await;
        join(&mut omars, &conversation).await;
        let path = format!("/api/messaging/conversations/{conversation}/typing");

        for (verb, is_typing) in [("start", true), ("stop", false)] {
            let answer = nadia.post(&format!("{path}/{verb}/"), json!({})).await;

            assert_eq!(answer.ok(), json!({"status": "success"}));
            assert_eq!(omars.receive().await, typing(is_typing, &nadia, &conversation));
            assert_eq!(new_client.receive().await, typing(is_typing, &nadia, &conversation));
        }
        let zoe = app.person("zoe").await;
        assert_eq!(zoe.post(&format!("{path}/start/"), json!({})).await.status, 404);
    }

    /// Contract §2.7.
    async fn a_message_is_told_here_with_the_new_unread_count(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut omars = omar.connect_messaging().await;
        let mut nadias = nadia.connect_v2().await;

        let sent = nadias.say(omar.id, "lunch?").await["message"].clone();

        let heard = omars.expect("new_message").await;
        assert_eq!(heard["message"]["id"], sent["id"]);
        // That a conversation has appeared is told before or after.
        let counts = omars.receive_type("unread_count_update").await;
        assert_eq!(counts["message_count"], 1);
        assert!(counts["timestamp"].is_string(), "{counts}");
        let mut chat = omar.connect_v2().await;
        chat.send(json!({"type": "mark_read", "message_id": sent["id"]})).await;
        chat.expect("mark_read_success").await;
        assert_eq!(omars.receive_type("unread_count_update").await["message_count"], 0);
    }
}
