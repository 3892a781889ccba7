//! The conversation list, and one conversation (contract §5.1, §5.3).

use serde_json::{Value, json};

use crate::on_both_databases;

const LIST: &str = "/api/messaging/conversations/";

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter().map(|shown| shown["participant"]["username"].as_str().unwrap()).collect()
}

on_both_databases! {
    async fn the_list_begins_with_the_newest_activity(app) {
        let nadia = app.person("nadia").await;
        assert_eq!(nadia.get(LIST).await.ok(), json!([]));
        let mut socket = nadia.connect().await;
        for name in ["omar", "paula", "quinn"] {
            let other = app.person(name).await;
            nadia.conversation_with(&other).await;
        }
        assert_eq!(names(&nadia.get(LIST).await.ok()), ["quinn", "paula", "omar"]);

        let omar = nadia.get("/api/users/username/omar/").await.ok()["id"].as_i64().unwrap();
        socket.say(omar, "hello").await;

        let list = nadia.get(LIST).await.ok();
        assert_eq!(names(&list), ["omar", "quinn", "paula"]);
        assert_eq!(list[0]["latest_message"]["content"], "hello");
        assert_eq!(list[0]["lastMessage"]["content"], "hello");
        assert_eq!(list[0]["last_activity"], list[0]["latest_message"]["created_at"]);
        assert_eq!(list[1]["latest_message"], Value::Null);
        assert_eq!(names(&nadia.get(&format!("{LIST}create/")).await.ok()), names(&list));
    }

    async fn both_see_the_conversation_from_their_side(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.connect().await.say(omar.id, "hello").await;

        let (nadias, omars) = (nadia.get(LIST).await.ok(), omar.get(LIST).await.ok());

        assert_eq!(nadias[0]["id"], omars[0]["id"]);
        assert_eq!((names(&nadias), names(&omars)), (vec!["omar"], vec!["nadia"]));
        assert_eq!((&nadias[0]["unread_count"], &omars[0]["unread_count"]), (&json!(0), &json!(1)));
        assert_eq!((&nadias[0]["read_seq"], &omars[0]["read_seq"]), (&json!(1), &json!(0)));
        assert_eq!(omars[0]["unreadCount"], 1);
    }

    async fn others_see_nothing_of_it(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let id = nadia.conversation_with(&omar).await;
        let mallory = app.person("mallory").await;
        let not_found = json!({"detail": "No Conversation matches the given query."});

        assert_eq!(mallory.get(LIST).await.ok(), json!([]));
        for id in [&*id, "00000000-0000-4000-8000-000000000000"] {
            mallory.get(&format!("{LIST}{id}/")).await.is(404, &not_found);
            mallory.get(&format!("{LIST}{id}/messages/")).await.is(404, &not_found);
            mallory.post(&format!("{LIST}{id}/mark-read/"), json!({})).await.is(404, &not_found);
            let path = format!("{LIST}{id}/messages/");
            mallory.post(&path, json!({"content": "x"})).await.is(404, &json!({
                "error": "Conversation not found or you are not a participant",
            }));
        }
    }

    async fn opening_a_conversation_shows_its_messages_and_reads_them(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        for place in 1..=3 {
            nadias.say(omar.id, &format!("message {place}")).await;
        }
        let id = omar.conversation_with(&nadia).await;
        assert_eq!(omar.unread().await, 3);

        let opened = omar.get(&format!("{LIST}{id}/?page_size=2")).await.ok();

        assert_eq!((&opened["id"], &opened["has_more"]), (&json!(id), &json!(true)));
        let texts: Vec<_> =
            opened["messages"].as_array().unwrap().iter().map(|m| m["text"].clone()).collect();
        assert_eq!(texts, ["message 2", "message 3"]);
        assert_eq!((&opened["unread_count"], &opened["read_seq"]), (&json!(0), &json!(3)));
        for _ in 1..=3 {
            nadias.expect("message_delivered").await;
        }
        let read = nadias.expect("message_read").await;
        assert_eq!(read["message_ids"].as_array().unwrap().len(), 3);
        assert_eq!(omar.unread().await, 0);
        // Opening it again is no news.
        omar.get(&format!("{LIST}{id}")).await.ok();
        assert_eq!(nadias.drain().await, Vec::<Value>::new());
    }

    /// Appendix A.4.
    async fn marking_as_read_tells_the_author_once(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let mut nadias = nadia.connect_v2().await;
        let first = nadias.say(omar.id, "one").await["message"]["id"].clone();
        let second = nadias.say(omar.id, "two").await["message"]["id"].clone();
        let id = omar.conversation_with(&nadia).await;
        let path = format!("{LIST}{id}/mark-read/");

        let marked = omar.post(&path, json!({})).await;
        let again = omar.post(&path, json!({})).await;

        marked.is(200, &json!({"status": "success", "marked": 2, "message_ids": [first, second]}));
        again.is(200, &json!({"status": "success", "marked": 0, "message_ids": []}));
        // He has no connection they could have reached before.
        for id in [&first, &second] {
            assert_eq!(nadias.expect("message_delivered").await["message_id"], *id);
        }
        let read = nadias.expect("message_read").await;
        assert_eq!(read["message_ids"], json!([first, second]));
        assert_eq!(nadias.drain().await, Vec::<Value>::new());
    }
}
