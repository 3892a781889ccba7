//! The documents and the page as they are served.

use reqwest::Method;
use serde_json::json;

use super::{asyncapi, openapi};
use crate::{helpers::Answer, on_both_databases};

on_both_databases! {
    async fn the_documents_are_served(app) {
        app.get("/api/openapi.json").await.is(200, &openapi());
        app.get("/api/asyncapi.json").await.is(200, &asyncapi());
    }

    async fn the_page_loads_nothing_from_elsewhere(app) {
        let page = app.get("/api/docs/").await;

        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("http"), "{policy}");
        let text = page.body.as_str().unwrap();
        assert!(!text.contains("//"), "{text}");
        let mut loaded = 0;
        for (attribute, expected) in
            [("src=\"", "text/javascript"), ("rel=\"stylesheet\" href=\"", "text/css")]
        {
            for (at, found) in text.match_indices(attribute) {
                let file = text[at + found.len()..].split('"').next().unwrap();
                let answer = app.request(Method::GET, &format!("/api/docs/{file}")).send().await;
                let answer = answer.unwrap();
                assert_eq!(answer.status(), 200, "{file}");
                let kind = answer.headers()["content-type"].to_str().unwrap();
                assert!(kind.starts_with(expected), "{file}: {kind}");
                assert!(!answer.bytes().await.unwrap().is_empty(), "{file}");
                loaded += 1;
            }
        }
        assert_eq!(loaded, 3);
    }

    async fn the_page_has_no_other_files(app) {
        for file in ["index.html", "oauth2-redirect.html", "swagger-initializer.js", "..%2Fx", "x"] {
            let answer = app.get(&format!("/api/docs/{file}")).await;

            answer.is(404, &json!({"detail": "Not found."}));
        }
    }

    async fn the_page_without_its_slash_is_elsewhere(app) {
        let no_redirects = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().redirect(no_redirects).build().unwrap();

        let answer = Answer::of(client.get(app.url("/api/docs"))).await;

        assert_eq!((answer.status, answer.header("location")), (308, "docs/"));
        assert_eq!(app.get("/api/docs").await.status, 200);
    }
}
