//! People (contract §1.5, §1.6): following, lists, search, suggestions, profiles, staff.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    helpers::{Answer, Person, TestApp},
    on_both_databases,
};

impl Person {
    async fn follow(&self, other: &Person) -> Value {
        self.toggle(Method::PUT, other.id).await.ok()
    }

    async fn toggle(&self, method: Method, id: i64) -> Answer {
        self.request(method, &format!("/api/follow/toggle/{id}/"), None).await
    }
}

/// Somebody with a first and a last name.
async fn named(app: &TestApp, username: &str, first: &str, last: &str) -> Person {
    let person = app.person(username).await;
    let sql = format!(
        "UPDATE users SET first_name = '{first}', last_name = '{last}', \
         email = '{username}@example.org' WHERE id = {}",
        person.id
    );
    app.database.execute(&sql).await;
    person
}

async fn staff(app: &TestApp) -> Person {
    let person = app.person("boss").await;
    let sql = format!("UPDATE users SET is_staff = TRUE WHERE id = {}", person.id);
    app.database.execute(&sql).await;
    person
}

async fn deactivate(app: &TestApp, person: &Person) {
    let sql = format!("UPDATE users SET is_active = FALSE WHERE id = {}", person.id);
    app.database.execute(&sql).await;
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

fn basic(person: &Person) -> Value {
    json!({
        "id": person.id, "username": person.username, "first_name": "", "last_name": "",
        "full_name": person.username, "profile_picture": null,
    })
}

on_both_databases! {
    /// The replaced service reported no change on the very first follow, and told nobody.
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

    async fn search_finds_names_but_never_addresses(app) {
        let nadia = named(app, "nadia", "Nadia", "Karim").await;
        let omar = named(app, "omar", "Omar", "Karim").await;
        let gone = named(app, "omara", "", "").await;
        deactivate(app, &gone).await;
        named(app, "per_cent", "", "").await;
        named(app, "perxcent", "", "").await;

        let search = async |text: &str| {
            nadia.get(&format!("/api/follow/search/?q={text}")).await.ok()
        };

        assert_eq!(search("OMA").await, json!([{
            "id": omar.id, "username": "omar", "first_name": "Omar", "last_name": "Karim",
            "full_name": "Omar Karim", "profile_picture": null,
        }]));
        assert_eq!(names(&search("karim").await), ["omar"]);
        assert_eq!(names(&search("omar%20kar").await), ["omar"]);
        assert_eq!(names(&search("example").await), [""; 0]);
        assert_eq!(names(&search("r_c").await), ["per_cent"]);
        assert_eq!(names(&search("%25%25").await), [""; 0]);
        assert_eq!(names(&search("a%00b").await), [""; 0]);
        for text in ["", "a", "%20a%20"] {
            let refused = nadia.get(&format!("/api/follow/search/?q={text}")).await;
            let error = "Search query must be at least 2 characters long";
            refused.is(400, &json!({"error": error}));
        }
    }

    async fn search_shows_at_most_twenty_and_the_best_first(app) {
        let nadia = app.person("nadia").await;
        let values: Vec<_> = (0..25)
            .map(|n| format!("('x{n:02}zed', '', '', 'client', FALSE, FALSE, TRUE)"))
            .chain(["('zed', '', '', 'client', FALSE, FALSE, TRUE)".to_owned()])
            .collect();
        let sql = format!(
            "INSERT INTO users (username, first_name, last_name, user_type, is_staff, \
             is_superuser, is_active) VALUES {}",
            values.join(",")
        );
        app.database.execute(&sql).await;

        let found = nadia.get("/api/follow/search/?q=zed").await.ok();

        let found = names(&found);
        assert_eq!(found.len(), 20);
        assert_eq!(found[..2], ["zed", "x00zed"]);
    }

    async fn suggestions_begin_with_friends_of_friends(app) {
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        let (friend, lina) = (app.person("friend").await, app.person("lina").await);
        let gone = app.person("gone").await;
        app.person("newest").await;
        nadia.follow(&omar).await;
        omar.follow(&friend).await;
        omar.follow(&nadia).await;
        lina.follow(&gone).await;
        deactivate(app, &gone).await;

        let suggested = nadia.get("/api/follow/suggestions/").await.ok();

        assert_eq!(names(&suggested), ["friend", "newest", "lina"]);
        assert_eq!(suggested[0], basic(&friend));
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

    async fn a_public_profile_is_open_whatever_the_case_of_its_name(app) {
        let nadia = named(app, "Nadia.K", "Nadia", "K").await;
        let omar = app.person("omar").await;
        omar.follow(&nadia).await;

        let profile = app.get("/api/public-profiles/nadia.k/").await.ok();

        assert_eq!(profile, json!({
            "id": nadia.id, "userId": nadia.id, "username": "Nadia.K", "display_name": "Nadia K",
            "full_name": "Nadia K",
            "user": {
                "id": nadia.id, "username": "Nadia.K", "first_name": "Nadia", "last_name": "K",
            },
            "user_type": "client", "avatar": null, "cover_photo": null, "bio": "", "headline": "",
            "skills": "", "skills_list": [], "location": "", "website": "",
            "member_since": profile["member_since"], "portfolio_items": [],
            "recognitions_list": [],
            "stats": {
                "followers_count": 1, "following_count": 0, "projects_count": 0,
                "is_following": false,
            },
            "cover_photo_small": "", "cover_photo_medium": "", "cover_photo_large": "",
        }));
        let seen = omar.get("/api/public-profiles/NADIA.K/").await.ok();
        assert_eq!(seen["stats"]["is_following"], true);
        for name in ["nobody", "a%00b"] {
            let missing = app.get(&format!("/api/public-profiles/{name}/")).await;
            missing.is(404, &json!({"detail": "Not found."}));
        }
        deactivate(app, &nadia).await;
        app.get("/api/public-profiles/nadia.k/").await.is(404, &json!({"detail": "Not found."}));
    }

    async fn public_profiles_are_searched_by_name_and_type(app) {
        let nadia = named(app, "nadia", "Nadia", "K").await;
        let omar = app.person("omar").await;
        let sql = format!("UPDATE users SET user_type = 'creator' WHERE id = {}", nadia.id);
        app.database.execute(&sql).await;
        omar.follow(&nadia).await;

        let by_name = app.get("/api/public-profiles/search/?q=nad").await.ok();
        let by_type = omar.get("/api/public-profiles/search/?q=&type=creator").await.ok();
        let clients = app.get("/api/public-profiles/search/?q=&type=client").await.ok();
        let everybody = app.get("/api/public-profiles/search/").await.ok();

        assert_eq!(names(&by_name), ["nadia"]);
        assert_eq!(by_name[0]["stats"]["is_following"], false);
        assert_eq!(by_name[0]["stats"]["followers_count"], 1);
        assert_eq!(names(&by_type), ["nadia"]);
        assert_eq!(by_type[0]["stats"]["is_following"], true);
        assert_eq!(names(&clients), ["omar"]);
        assert_eq!(names(&everybody), ["nadia", "omar"]);
        assert!(!everybody.to_string().contains("example.org"));
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
