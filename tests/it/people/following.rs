//! Following, and who is told of it.

use reqwest::Method;
use serde_json::json;

use super::{basic, deactivate};
use crate::on_both_databases;

on_both_databases! {
    async fn following_somebody_reports_what_changed(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);

        let first = nadia.follow(&omar).await;
        let again = nadia.follow(&omar).await;

        let target = json!({
            "id": omar.id, "username": "omar", "followers_count": 1, "following_count": 0,
        });
        let follow = first["follow_data"].clone();
        assert_eq!(follow["follower"], basic(&nadia));
        assert_eq!(follow["followed"], basic(&omar));
        assert_eq!(first, json!({
            "status": "success", "is_following": true, "state_changed": true,
            "previous_state": false, "message": "You are now following omar",
            "target_user": target, "follow_data": follow,
        }));
        assert_eq!(again, json!({
            "status": "success", "is_following": true, "state_changed": false,
            "previous_state": true, "message": "You are already following omar",
            "target_user": target, "follow_data": follow,
        }));
    }

    async fn unfollowing_somebody_reports_what_changed(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.follow(&omar).await;

        let first = nadia.toggle(Method::DELETE, omar.id).await.ok();
        let again = nadia.toggle(Method::DELETE, omar.id).await.ok();

        let target = json!({
            "id": omar.id, "username": "omar", "followers_count": 0, "following_count": 0,
        });
        assert_eq!(first, json!({
            "status": "success", "is_following": false, "state_changed": true,
            "previous_state": true, "message": "You unfollowed omar",
            "target_user": target, "follow_data": null,
        }));
        assert_eq!(again, json!({
            "status": "success", "is_following": false, "state_changed": false,
            "previous_state": false, "message": "You are not following omar",
            "target_user": target, "follow_data": null,
        }));
    }

    async fn the_older_paths_do_the_same(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);

        for body in [json!({"user_id": omar.id}), json!({"user_id": omar.id.to_string()})] {
            let followed = nadia.post("/api/follow/follow/", body).await.ok();
            assert_eq!(followed["is_following"], true);
        }
        let path = format!("/api/follow/unfollow/{}/", omar.id);
        let unfollowed = nadia.post(&path, json!({})).await.ok();

        assert_eq!(unfollowed["state_changed"], true);
        for body in [json!({}), json!({"user_id": null}), json!({"user_id": ""})] {
            let refused = nadia.post("/api/follow/follow/", body).await;
            refused.is(400, &json!({"error": "user_id is required"}));
        }
        for body in [json!({"user_id": 404_404}), json!({"user_id": "omar"}), json!({"user_id": []})] {
            let refused = nadia.post("/api/follow/follow/", body).await;
            refused.is(404, &json!({"error": "User not found"}));
        }
        nadia
            .post("/api/follow/follow/", json!({"user_id": nadia.id}))
            .await
            .is(400, &json!({"error": "You cannot follow yourself"}));
    }

    async fn nobody_follows_himself_or_somebody_who_is_not_there(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        deactivate(app, &omar).await;

        for method in [Method::PUT, Method::DELETE] {
            nadia
                .toggle(method.clone(), nadia.id)
                .await
                .is(400, &json!({"error": "You cannot follow yourself"}));
            for id in [404_404, omar.id] {
                let refused = nadia.toggle(method.clone(), id).await;
                refused.is(404, &json!({"error": "User not found"}));
            }
            let path = "/api/follow/toggle/omar/";
            let refused = nadia.request(method, path, None).await;
            refused.is(404, &json!({"detail": "Not found."}));
        }
        let refused = nadia.post(&format!("/api/follow/toggle/{}/", omar.id), json!({})).await;
        refused.is(405, &json!({"detail": "Method \"POST\" not allowed."}));
        assert_eq!(refused.header("allow"), "PUT, DELETE, OPTIONS");
    }

    async fn a_new_follower_is_told_of_once(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        omar.follow(&nadia).await;

        let list = nadia.get("/api/follow/notifications/").await.ok();

        let row = &list["results"][0];
        assert_eq!(list["count"], 1);
        assert_eq!(*row, json!({
            "id": row["id"], "follower": basic(&omar), "follow_date": row["created_at"],
            "is_read": false, "read_at": null, "created_at": row["created_at"],
        }));
        let id = row["id"].as_str().unwrap();
        let path = format!("/api/follow/notifications/{id}/read/");
        let missing = json!({"detail": "No FollowNotification matches the given query."});
        omar.post(&path, json!({})).await.is(404, &missing);
        let unknown = "/api/follow/notifications/00000000-0000-0000-0000-000000000000/read/";
        nadia.post(unknown, json!({})).await.is(404, &missing);
        for _ in 0..2 {
            let read = nadia.post(&path, json!({})).await;
            let message = "Notification marked as read";
            read.is(200, &json!({"status": "success", "message": message}));
        }
        let list = nadia.get("/api/follow/notifications/").await.ok();
        assert_eq!(list["results"][0]["is_read"], true);
        assert!(list["results"][0]["read_at"].is_string());
        let read = nadia.post("/api/follow/notifications/read-all/", json!({})).await;
        let message = "Marked 0 notifications as read";
        read.is(200, &json!({"status": "success", "message": message}));
    }

    async fn all_new_followers_are_noted_at_once(app) {
        let nadia = app.person("nadia").await;
        for name in ["a1", "a2"] {
            app.person(name).await.follow(&nadia).await;
        }

        let read = nadia.post("/api/follow/notifications/read-all/", json!({})).await;

        let message = "Marked 2 notifications as read";
        read.is(200, &json!({"status": "success", "message": message}));
        let list = nadia.get("/api/follow/notifications/").await.ok();
        let rows = list["results"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["is_read"] == true));
    }
}
