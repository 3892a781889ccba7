//! The demo: its pages, and the people `demo seed` makes.

use reqwest::Method;
use serde_json::json;

use crate::{
    helpers::{Program, TestApp},
    on_both_databases, with_both_databases,
};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn page(app: &TestApp, path: &str) -> reqwest::Response {
    app.request(Method::GET, path).header("accept", BROWSER).send().await.unwrap()
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

on_both_databases! {
    async fn browsers_get_a_page_and_programs_a_description(app) {
        for path in ["/", "/chat-demo", "/chat-demo/"] {
            let html = page(app, path).await;
            assert_eq!(html.status(), 200, "{path}");
            assert_eq!(header(&html, "content-type"), "text/html; charset=utf-8");
            assert!(header(&html, "content-security-policy").contains("default-src 'self'"));
            assert_eq!(header(&html, "x-content-type-options"), "nosniff");
            assert!(html.text().await.unwrap().starts_with("<!doctype html>"));
        }
        for accept in ["*/*", "application/json", "application/json, text/html"] {
            let described = app.request(Method::GET, "/").header("accept", accept).send().await.unwrap();
            let vary: Vec<_> = described.headers().get_all("vary").iter().collect();
            let vary = format!("{vary:?}").to_lowercase();
            assert!(vary.contains("accept"), "{vary}");
            let body: serde_json::Value = described.json().await.unwrap();
            assert_eq!(body["status"], json!("healthy"), "{accept}");
        }
        assert_eq!(app.get("/").await.ok()["status"], json!("healthy"));
    }

    async fn parts_of_the_page_are_kept_and_asked_about(app) {
        let html = page(app, "/chat-demo/").await;
        let tag = header(&html, "etag").to_owned();
        let html = html.text().await.unwrap();
        // Without the front end there is a page that says how to build it.
        let Some((_, script)) = html.split_once("src=\"/assets/") else { return };
        let script = format!("/assets/{}", script.split_once('"').unwrap().0);

        let part = page(app, &script).await;
        let again = app.request(Method::GET, "/chat-demo/").header("if-none-match", &tag);
        let again = again.send().await.unwrap();

        assert_eq!(part.status(), 200);
        assert_eq!(header(&part, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&part, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(again.status(), 304);
        assert_eq!(again.bytes().await.unwrap().len(), 0);
    }

    async fn nothing_else_is_given_out(app) {
        for path in [
            "/assets/nothing.js",
            "/assets/..%2Findex.html",
            "/assets/%2e%2e%2f%2e%2e%2fpackage.json",
            "/assets/..%5Cindex.html",
            "/inputs.sha256",
            "/chat-demo/more",
        ] {
            assert_eq!(page(app, path).await.status(), 404, "{path}");
        }
    }
}

with_both_databases! {
    async fn demo_people_are_made_once_and_can_log_in(database) {
        let program = Program::new(database);

        let first = program.prints(&["demo", "seed"]).await;
        let second = program.prints(&["demo", "seed"]).await;

        let password = first.lines().find_map(|line| line.strip_prefix("Password: ")).unwrap();
        assert!(!second.contains("Password: "), "{second}");
        assert_eq!(program.prints(&["user", "list"]).await.lines().count(), 4);
        let server = program.serve().await;
        let tokens = server.log_in("alice_dev", password).await.ok();
        let ask = |path: &str| {
            let request = server.request(Method::GET, path);
            crate::helpers::Answer::of(request.bearer_auth(tokens["access"].as_str().unwrap()))
        };
        let conversations = ask("/api/messaging/conversations/").await.ok();
        assert_eq!(conversations.as_array().unwrap().len(), 2);
        assert_eq!(conversations[0]["unread_count"], json!(2));
        assert_eq!(ask("/api/follow/my-stats/").await.ok()["following_count"], json!(2));
        server.stop().await;
    }

    async fn demo_people_can_be_given_a_password(database) {
        let program = Program::new(database);
        program.prints(&["demo", "seed"]).await;

        let printed = program.prints(&["demo", "seed", "--password", "correct horse"]).await;

        assert!(printed.contains("Password: correct horse"), "{printed}");
        let server = program.serve().await;
        for name in ["alice_dev", "bob_designer", "charlie_writer", "diana_marketer"] {
            server.log_in(name, "correct horse").await.ok();
        }
        server.stop().await;
    }
}
