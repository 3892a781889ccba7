//! Lists of notifications, reading and removing them, and notes to oneself.

use reqwest::Method;
use serde_json::{Value, json};

use super::{LIST, missing, told, verbs};
use crate::{helpers::Answer, on_both_databases};

on_both_databases! {
    async fn the_list_is_newest_first_and_can_be_filtered(app) {
        let (_nadia, omar) = told(app).await;

        let all = omar.notifications("").await;
        assert_eq!(verbs(&all), ["follow", "message"]);
        assert_eq!(verbs(&omar.notifications("?verb=message").await), ["message"]);
        assert_eq!(verbs(&omar.notifications("?verb=nothing").await), [""; 0]);
        let path = format!("{LIST}{}/mark_read/", all[0]["id"]);
        omar.post(&path, json!({})).await.ok();
        assert_eq!(verbs(&omar.notifications("?is_read=true").await), ["follow"]);
        assert_eq!(verbs(&omar.notifications("?is_read=false").await), ["message"]);
        assert_eq!(verbs(&omar.notifications("?is_read=maybe").await), ["follow", "message"]);
        let unread_follows = omar.notifications("?is_read=false&verb=follow").await;
        assert_eq!(verbs(&unread_follows), [""; 0]);
    }

    async fn the_list_ends_after_two_hundred(app) {
        let omar = app.person("omar").await;
        let row = format!("({}, 'note', 'x', '2026-01-01 00:00:00Z', '2026-01-01 00:00:00Z')", omar.id);
        let sql = format!(
            "INSERT INTO notifications (user_id, verb, text, created_at, updated_at) VALUES {}",
            vec![row; 205].join(",")
        );
        app.database.execute(&sql).await;

        assert_eq!(omar.notifications("").await.len(), 200);
        assert_eq!(omar.unread_notifications().await, 205);
    }

    async fn one_notification_is_read_by_its_owner(app) {
        let (nadia, omar) = told(app).await;
        let one = omar.notifications("").await.remove(0);
        let path = format!("{LIST}{}/", one["id"]);

        omar.get(&path).await.is(200, &one);

        for method in [Method::POST, Method::PATCH] {
            let read = omar.request(method, &format!("{path}mark_read/"), None).await;
            read.is(200, &json!({
                "status": "notification marked as read", "notification_id": one["id"],
            }));
        }
        assert_eq!(omar.get(&path).await.ok()["is_read"], true);
        assert_eq!(omar.unread_notifications().await, 1);
        nadia.get(&path).await.is(404, &missing());
        nadia.post(&format!("{path}mark_read/"), json!({})).await.is(404, &missing());
    }

    async fn all_notifications_are_read_at_once(app) {
        let (nadia, omar) = told(app).await;
        let path = "/api/notifications/mark_all_read/";

        let first = omar.request(Method::PATCH, path, None).await;
        let again = omar.post(path, json!({})).await;

        let status = "all notifications marked as read";
        first.is(200, &json!({"status": status, "updated_count": 2}));
        again.is(200, &json!({"status": status, "updated_count": 0}));
        assert_eq!(omar.unread_notifications().await, 0);
        assert_eq!(nadia.unread_notifications().await, 0);
    }

    async fn the_unread_count_says_when_it_was_taken(app) {
        let (_nadia, omar) = told(app).await;

        let count = omar.get("/api/notifications/unread_count/").await;

        let timestamp = count.body["timestamp"].clone();
        assert!(timestamp.as_str().unwrap().ends_with('Z'));
        count.is(200, &json!({"unread_count": 2, "status": "success", "timestamp": timestamp}));
    }

    async fn a_notification_is_removed_by_its_owner(app) {
        let (nadia, omar) = told(app).await;
        let one = omar.notifications("").await.remove(0);
        let path = format!("{LIST}{}/", one["id"]);

        nadia.request(Method::DELETE, &path, None).await.is(404, &missing());
        omar.request(Method::DELETE, &path, None).await.is(204, &json!(""));

        omar.request(Method::DELETE, &path, None).await.is(404, &missing());
        omar.get(&path).await.is(404, &missing());
        assert_eq!(omar.notifications("").await.len(), 1);
    }

    async fn foreign_and_missing_ids_are_answered_alike(app) {
        let (nadia, omar) = told(app).await;
        let foreign = omar.notifications("").await[0]["id"].clone();

        for id in [foreign.to_string(), "404404".to_owned()] {
            nadia.get(&format!("{LIST}{id}/")).await.is(404, &missing());
            let path = format!("{LIST}{id}/");
            nadia.request(Method::DELETE, &path, None).await.is(404, &missing());
            nadia.post(&format!("{LIST}{id}/mark_read/"), json!({})).await.is(404, &missing());
        }
        nadia.get("/api/notifications/abc/").await.is(404, &json!({"detail": "Not found."}));
        assert_eq!(omar.unread_notifications().await, 2);
    }

    async fn a_note_is_made_for_oneself_only(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);

        let note = json!({"message": "Call home", "verb": "reminder", "payload": {"n": 1}});
        let made = nadia.post(LIST, note).await;

        assert_eq!(made.status, 201);
        let made = made.ok();
        assert_eq!(nadia.notifications("").await, std::slice::from_ref(&made));
        assert_eq!((&made["verb"], &made["title"]), (&json!("reminder"), &json!("Call home")));
        assert_eq!((&made["payload"], &made["actor"]), (&json!({"n": 1}), &Value::Null));
        assert_eq!(made["is_read"], false);
        nadia.post(LIST, json!({"message": "x", "user": nadia.id})).await.ok();
        nadia
            .post(LIST, json!({"message": "x", "user": omar.id}))
            .await
            .is(403, &json!({"detail": "You do not have permission to perform this action."}));
        nadia.post(LIST, json!({})).await.is(400, &json!({"message": ["This field is required."]}));
        nadia
            .post(LIST, json!({"message": "x", "payload": []}))
            .await
            .is(400, &json!({"payload": ["Expected an object."]}));
        let long = json!({"message": "x".repeat(201)});
        let error = "Ensure this field has no more than 200 characters.";
        nadia.post(LIST, long).await.is(400, &json!({"message": [error]}));
        let large = json!({"message": "x", "payload": {"n": "x".repeat(5000)}});
        let error = "Ensure this field has no more than 4096 bytes.";
        nadia.post(LIST, large).await.is(400, &json!({"payload": [error]}));
        assert_eq!(omar.notifications("").await, [] as [Value; 0]);
    }

    async fn a_note_never_poses_as_a_follow(app) {
        let nadia = app.person("nadia").await;

        for _ in 0..2 {
            nadia.post(LIST, json!({"message": "hello", "verb": "follow"})).await.ok();
        }

        let list = nadia.notifications("").await;
        assert_eq!(verbs(&list), ["follow", "follow"]);
        assert_eq!((&list[0]["title"], &list[0]["actor"]), (&json!("hello"), &Value::Null));
    }

    async fn nobody_in_particular_has_no_notifications(app) {
        let refusal = json!({"detail": "Authentication credentials were not provided."});

        for (method, path) in [
            (Method::GET, "/api/notifications/"),
            (Method::POST, "/api/notifications/"),
            (Method::GET, "/api/notifications/1/"),
            (Method::DELETE, "/api/notifications/1/"),
            (Method::POST, "/api/notifications/1/mark_read/"),
            (Method::PATCH, "/api/notifications/1/mark_read/"),
            (Method::POST, "/api/notifications/mark_all_read/"),
            (Method::GET, "/api/notifications/unread_count/"),
            (Method::GET, "/api/notifications/settings/"),
            (Method::PATCH, "/api/notifications/settings/"),
        ] {
            let answer = Answer::of(app.request(method, path)).await;
            assert_eq!((answer.status, &answer.body), (401, &refusal), "{path}");
        }
    }
}
