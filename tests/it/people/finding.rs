//! Search, suggestions and public profiles.

use serde_json::json;

use super::{basic, deactivate, named, names};
use crate::on_both_databases;

on_both_databases! {
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
}
