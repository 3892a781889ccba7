//! Lists and numbers of followers, and who may see what of people.

use reqwest::Method;
use serde_json::{Value, json};

use super::{basic, named, names, staff};
use crate::{helpers::Answer, on_both_databases};

on_both_databases! {
    async fn followers_and_following_are_listed_newest_first(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (lina, sami) = (app.person("lina").await, app.person("sami").await);
        lina.follow(&nadia).await;
        omar.follow(&nadia).await;
        nadia.follow(&omar).await;
        nadia.follow(&sami).await;

        let followers = nadia.get(&format!("/api/follow/followers/{}/", nadia.id)).await.ok();
        let following = nadia.get(&format!("/api/follow/following/{}/", nadia.id)).await.ok();

        assert_eq!((&followers["count"], &following["count"]), (&json!(2), &json!(2)));
        let row = &followers["results"][0];
        assert_eq!(*row, json!({
            "id": row["id"], "follow_date": row["follow_date"], "mutual_follow": true,
            "user": basic(&omar),
        }));
        assert_eq!(followers["results"][1]["user"]["username"], "lina");
        assert_eq!(followers["results"][1]["mutual_follow"], false);
        assert_eq!(following["results"][0]["user"]["username"], "sami");
        assert_eq!(following["results"][0]["mutual_follow"], false);
        assert_eq!(following["results"][1]["user"]["username"], "omar");
        assert_eq!(following["results"][1]["mutual_follow"], true);
    }

    async fn lists_come_in_pages(app) {
        let nadia = app.person("nadia").await;
        for name in ["a1", "a2", "a3"] {
            app.person(name).await.follow(&nadia).await;
        }
        let path = format!("/api/follow/followers/{}/", nadia.id);

        let first = nadia.get(&format!("{path}?page_size=2")).await.ok();
        let second = nadia.get(&format!("{path}?page=2&page_size=2")).await.ok();

        let usernames = |page: &Value| -> Vec<String> {
            let rows = page["results"].as_array().unwrap();
            rows.iter().map(|row| row["user"]["username"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(usernames(&first), ["a3", "a2"]);
        assert_eq!(usernames(&second), ["a1"]);
        assert_eq!(first["next"], app.url(&format!("{path}?page_size=2&page=2")));
        assert_eq!(first["previous"], Value::Null);
        assert_eq!(second["next"], Value::Null);
        assert_eq!(second["previous"], app.url(&format!("{path}?page_size=2&page=1")));
        for page in ["3", "0", "x"] {
            let refused = nadia.get(&format!("{path}?page_size=2&page={page}")).await;
            refused.is(404, &json!({"detail": "Invalid page."}));
        }
        nadia
            .get("/api/follow/followers/404404/")
            .await
            .is(404, &json!({"detail": "No User matches the given query."}));
    }

    async fn stats_are_open_and_speak_of_the_viewer_if_there_is_one(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        omar.follow(&nadia).await;
        let path = format!("/api/follow/stats/{}/", omar.id);

        let nobody = json!({
            "followers_count": 0, "following_count": 1, "is_following": false,
            "is_followed_by": false,
        });
        app.get(&path).await.is(200, &nobody);
        let bad = app.request(Method::GET, &path).bearer_auth("nonsense");
        Answer::of(bad).await.is(200, &nobody);
        let seen = nadia.get(&path).await;
        seen.is(200, &json!({
            "followers_count": 0, "following_count": 1, "is_following": false,
            "is_followed_by": true,
        }));
        let own = nadia.get("/api/follow/my-stats/").await;
        own.is(200, &json!({
            "followers_count": 1, "following_count": 0, "is_following": false,
            "is_followed_by": false,
        }));
        app.get("/api/follow/stats/404404/")
            .await
            .is(404, &json!({"detail": "No User matches the given query."}));
    }

    async fn users_are_listed_for_the_staff_only(app) {
        let nadia = named(app, "nadia", "Nadia", "K").await;
        let boss = staff(app).await;
        let forbidden = json!({"detail": "You do not have permission to perform this action."});
        let anonymous = json!({"detail": "Authentication credentials were not provided."});

        for path in ["/api/users/".to_owned(), format!("/api/users/{}/", nadia.id)] {
            app.get(&path).await.is(401, &anonymous);
            nadia.get(&path).await.is(403, &forbidden);
        }
        nadia.get("/api/users/404404/").await.is(403, &forbidden);
        let list = boss.get("/api/users/").await.ok();
        assert_eq!(list["count"], 2);
        assert_eq!(names(&list["results"]), ["nadia", "boss"]);
        assert_eq!(list["results"][0]["email"], "nadia@example.org");
        let one = boss.get(&format!("/api/users/{}/", nadia.id)).await.ok();
        assert_eq!(one, list["results"][0]);
        boss.get("/api/users/404404/")
            .await
            .is(404, &json!({"detail": "No User matches the given query."}));
    }

    async fn current_user_counts_are_real(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.follow(&omar).await;

        let me = nadia.get("/api/users/me/").await.ok();
        let seen = nadia.get("/api/users/username/omar/").await.ok();
        let unseen = omar.get("/api/users/username/nadia/").await.ok();

        let counts = |user: &Value| {
            [&user["followers_count"], &user["following_count"], &user["is_following"]]
                .map(Value::clone)
        };
        assert_eq!(counts(&me), [json!(0), json!(1), json!(false)]);
        assert_eq!(counts(&seen), [json!(1), json!(0), json!(true)]);
        assert_eq!(counts(&unseen), [json!(0), json!(1), json!(false)]);
        assert_eq!(seen["email"], Value::Null);
    }

    async fn nothing_about_people_is_open_except_what_is_meant_to_be(app) {
        let omar = app.person("omar").await;
        let id = omar.id;
        let refusal = json!({"detail": "Authentication credentials were not provided."});

        for (method, path) in [
            (Method::PUT, format!("/api/follow/toggle/{id}/")),
            (Method::DELETE, format!("/api/follow/toggle/{id}/")),
            (Method::POST, "/api/follow/follow/".to_owned()),
            (Method::POST, format!("/api/follow/unfollow/{id}/")),
            (Method::GET, format!("/api/follow/followers/{id}/")),
            (Method::GET, format!("/api/follow/following/{id}/")),
            (Method::GET, "/api/follow/my-stats/".to_owned()),
            (Method::GET, "/api/follow/search/?q=omar".to_owned()),
            (Method::GET, "/api/follow/suggestions/".to_owned()),
            (Method::GET, "/api/follow/notifications/".to_owned()),
            (Method::POST, "/api/follow/notifications/read-all/".to_owned()),
        ] {
            let answer = Answer::of(app.request(method, &path)).await;
            assert_eq!((answer.status, &answer.body), (401, &refusal), "{path}");
        }
    }
}
