//! What happens on one server is told on the other as if it had happened there.

use reqwest::Method;
use serde_json::{Value, json};

use super::{messages, nadia_and_omar, seqs};
use crate::helpers::{Cluster, Socket};

#[tokio::test]
async fn a_message_reaches_the_other_server_and_its_receipt_comes_back() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let (mut nadias, mut omars) = (nadia.connect().await, omar.connect().await);

    let sent = nadias.say(omar.id, "hello").await;

    let new = omars.expect("new_message").await;
    let alias = omars.expect("message").await;
    assert_eq!(new["message"]["id"], sent["message"]["id"]);
    assert_eq!((&new["message"]["text"], &new["rev"]), (&json!("hello"), &sent["rev"]));
    assert_eq!(alias["message"], new["message"]);
    let delivered = nadias.expect("message_delivered").await;
    assert_eq!(delivered["message_id"], sent["message"]["id"]);
    assert_eq!(delivered["delivered_to"], "omar");
    // And back.
    let answer = omars.say(nadia.id, "hi").await;
    let heard = nadias.expect("new_message").await;
    assert_eq!(heard["message"]["id"], answer["message"]["id"]);
    assert_eq!(heard["prev_rev"], new["rev"]);
    cluster.stop().await;
}

#[tokio::test]
async fn other_connections_of_the_sender_hear_of_it_wherever_they_are() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let mut here = nadia.connect_v2().await;
    let mut there = nadia.at(&cluster.other).connect_v2().await;

    here.send(json!({"type": "message", "recipient_id": omar.id, "text": "x", "client_id": "a"}))
        .await;

    let sent = here.expect("message_sent").await;
    let copy = there.expect("message_sent").await;
    assert_eq!((&copy["client_id"], &copy["duplicate"]), (&json!("a"), &json!(false)));
    assert_eq!(copy["message"]["id"], sent["message"]["id"]);
    cluster.stop().await;
}

#[tokio::test]
async fn edits_reactions_and_deletions_are_told() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let conversation = nadia.conversation_with(&omar).await;
    let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
    let message = nadia.write(&conversation, "frist").await;
    let path = format!("/api/messaging/messages/{}/", message["id"].as_str().unwrap());
    assert_eq!(omars.expect("new_message").await["rev"], 1);

    nadia.request(Method::PUT, &path, Some(json!({"content": "first"}))).await.ok();
    let updated = omars.expect("message_updated").await;
    assert_eq!((&updated["message"]["content"], &updated["rev"]), (&json!("first"), &json!(2)));

    omars
        .send(json!({"type": "add_reaction", "message_id": message["id"], "reaction": "👍"}))
        .await;
    let added = nadias.receive_type("reaction_update").await;
    assert_eq!((&added["added"], &added["user"]), (&json!(true), &json!("omar")));
    assert_eq!((&added["reaction"], &added["rev"]), (&json!("👍"), &json!(3)));
    omars.expect("reaction_update").await;

    omars
        .send(json!({"type": "remove_reaction", "message_id": message["id"], "reaction": "👍"}))
        .await;
    let removed = nadias.receive_type("reaction_update").await;
    assert_eq!((&removed["added"], &removed["user"]), (&json!(false), &json!("omar")));
    assert_eq!((&removed["reactions"], &removed["prev_rev"]), (&json!([]), &json!(3)));
    omars.expect("reaction_update").await;

    nadia.request(Method::DELETE, &path, None).await;
    let deleted = omars.expect("message_deleted").await;
    assert_eq!((&deleted["message_id"], &deleted["rev"]), (&message["id"], &json!(5)));
    cluster.stop().await;
}

#[tokio::test]
async fn marks_are_told_to_the_author_and_to_the_readers_other_connections() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);
    let mut second = omar.at(&cluster.one).connect_v2().await;
    let sent = nadias.say(omar.id, "read me").await;
    omars.expect("new_message").await;
    let id = &sent["message"]["id"];

    omars.send(json!({"type": "mark_read", "message_id": id})).await;

    let read = nadias.receive_type("message_read").await;
    assert_eq!((&read["message_ids"], &read["read_by_id"]), (&json!([id]), &json!(omar.id)));
    let marked = second.receive_type("mark_read_success").await;
    assert_eq!(marked["message_ids"], json!([id]));
    cluster.stop().await;
}

#[tokio::test]
async fn a_message_deleted_for_oneself_goes_from_all_of_ones_connections() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let mut nadias = nadia.connect_v2().await;
    let sent = nadias.say(omar.id, "forget me").await;
    let mut there = omar.at(&cluster.one).connect_v2().await;
    let path = format!("/api/messaging/messages/{}/", sent["message"]["id"].as_str().unwrap());

    omar.request(Method::DELETE, &path, None).await;

    let gone = there.receive_type("message_deleted").await;
    assert_eq!((&gone["message_id"], &gone["rev"]), (&sent["message"]["id"], &json!(2)));
    // The other one learns that something took a number.
    assert_eq!(nadias.receive_type("conversation_rev").await["rev"], 2);
    assert!(!nadias.drained_types().await.contains(&"message_deleted".to_owned()));
    // To him it stays deleted, whatever becomes of it.
    nadia.request(Method::PUT, &path, Some(json!({"content": "edited"}))).await.ok();
    let gone = there.expect("message_deleted").await;
    assert_eq!((&gone["message_id"], &gone["rev"]), (&sent["message"]["id"], &json!(3)));
    cluster.stop().await;
}

#[tokio::test]
async fn a_conversation_taken_out_of_the_list_goes_from_all_of_ones_connections() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let conversation = nadia.conversation_with(&omar).await;
    nadia.write(&conversation, "old stuff").await;
    let mut there = omar.at(&cluster.one).connect_v2().await;

    let path = format!("/api/messaging/conversations/{conversation}/");
    assert_eq!(omar.request(Method::DELETE, &path, None).await.status, 204);

    let hidden = there.receive_type("conversation_hidden").await;
    assert_eq!(hidden["conversation_id"], conversation);
    cluster.stop().await;
}

#[tokio::test]
async fn a_conversation_comes_back_into_the_list_wherever_it_is_shown() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let conversation = nadia.conversation_with(&omar).await;
    nadia.write(&conversation, "old stuff").await;
    let path = format!("/api/messaging/conversations/{conversation}/");
    assert_eq!(omar.request(Method::DELETE, &path, None).await.status, 204);
    let mut there = omar.at(&cluster.other).connect_messaging().await;

    for text in ["are you there?", "still here", "for the second time"] {
        if text == "for the second time" {
            assert_eq!(omar.request(Method::DELETE, &path, None).await.status, 204);
        }
        nadia.at(&cluster.one).write(&conversation, text).await;
        let told = there.receive_type("new_message").await;
        assert_eq!(told["message"]["content"], text);
        if text != "still here" {
            let back = there.receive_type("conversation_updated").await;
            assert_eq!(back["conversation_id"], conversation);
            assert_eq!(back["conversation"]["latest_message"]["content"], text);
        }
    }
    cluster.stop().await;
}

#[tokio::test]
async fn notifications_follows_and_counts_are_told() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let mut bells = omar.connect_notifications().await;
    bells.expect("unread_count").await;
    let mut page = omar.connect_messaging().await;

    let conversation = nadia.conversation_with(&omar).await;
    let message = nadia.write(&conversation, "ring").await;
    assert_eq!(bells.receive_type("new_notification").await["notification"]["verb"], "message");
    let counts = bells.receive_type("unread_count_update").await;
    assert_eq!(counts["message_count"], 1);
    assert_eq!(page.receive_type("new_message").await["message"]["id"], message["id"]);

    let follow = format!("/api/follow/toggle/{}/", omar.id);
    nadia.request(Method::PUT, &follow, None).await.ok();
    assert_eq!(bells.receive_type("new_notification").await["notification"]["verb"], "follow");
    page.receive_type("follow_notification").await;

    omar.at(&cluster.one).post("/api/notifications/mark_all_read/", json!({})).await.ok();
    let marked = bells.receive_type("all_notifications_marked_read").await;
    assert_eq!(marked["updated_count"], 2);
    cluster.stop().await;
}

#[tokio::test]
async fn typing_is_told_and_ends_with_the_connection() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let conversation = nadia.conversation_with(&omar).await;
    let mut omars = omar.connect_v2().await;
    let mut nadias = nadia.connect_messaging().await;
    nadias.send(json!({"type": "typing_start", "conversation_id": conversation})).await;

    let typing = omars.expect("user_typing").await;
    assert_eq!((&typing["user"]["id"], &typing["is_typing"]), (&json!(nadia.id), &json!(true)));
    nadias.close().await;
    assert_eq!(omars.expect("user_typing").await["is_typing"], false);
    cluster.stop().await;
}

#[tokio::test]
async fn the_first_message_of_strangers_is_told() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = (cluster.one.person("nadia").await, cluster.other.person("omar").await);
    let (mut nadias, mut omars) = (nadia.connect_v2().await, omar.connect_v2().await);

    nadias.say(omar.id, "do we know each other?").await;

    assert_eq!(omars.expect("new_message").await["prev_rev"], 0);
    // From now on they hear of each other.
    nadias.close().await;
    assert_eq!(omars.receive_status().await["is_online"], false);
    cluster.stop().await;
}

#[tokio::test]
async fn the_same_message_sent_over_two_servers_at_once_is_one() {
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let mut here = nadia.connect_v2().await;
    let mut there = nadia.at(&cluster.other).connect_v2().await;
    let mut omars = omar.connect_v2().await;

    for number in 0..20 {
        let frame = json!({
            "type": "message", "recipient_id": omar.id, "text": "x", "client_id": format!("{number}"),
        });
        here.send(frame.clone()).await;
        there.send(frame).await;
        let one = answer(&mut here, &format!("{number}")).await;
        let other = answer(&mut there, &format!("{number}")).await;
        assert_eq!(one["message"]["id"], other["message"]["id"]);
        assert_eq!(
            (&one["message"]["seq"], &other["message"]["seq"]),
            (&json!(number + 1), &json!(number + 1))
        );
    }

    assert_eq!(cluster.database.number("SELECT count(*) FROM messages").await, 20);
    assert_eq!(seqs(&messages(&mut omars, 20).await), (1..=20).collect::<Vec<_>>());
    cluster.stop().await;
}

/// What a send is answered with. Whoever is answered `duplicate` hears of the message as well.
async fn answer(socket: &mut Socket, client_id: &str) -> Value {
    loop {
        let sent = socket.receive_type("message_sent").await;
        if sent["client_id"] == client_id {
            return sent;
        }
    }
}

/// Both servers store messages of one conversation at the same time: everybody sees the one order.
#[tokio::test]
async fn all_connections_see_one_order_without_holes() {
    const MESSAGES: usize = 150;
    let Some(cluster) = Cluster::start().await else { return };
    let (nadia, omar) = nadia_and_omar(&cluster).await;
    let mut nadias = nadia.connect_v2().await;
    let mut omars = omar.connect_v2().await;
    let mut nadia_there = nadia.at(&cluster.other).connect_v2().await;
    let mut omar_here = omar.at(&cluster.one).connect_v2().await;

    for number in 0..MESSAGES {
        nadias.send_message(omar.id, &format!("n{number}")).await;
        omars.send_message(nadia.id, &format!("o{number}")).await;
    }

    for socket in [&mut nadias, &mut omars, &mut nadia_there, &mut omar_here] {
        let heard = messages(socket, 2 * MESSAGES).await;
        let expected: Vec<_> = (1..=2 * MESSAGES as u64).collect();
        assert_eq!(seqs(&heard), expected);
        for (before, after) in heard.iter().zip(&heard[1..]) {
            assert_eq!(after["prev_rev"], before["rev"]);
        }
    }
    cluster.stop().await;
}
