//! Bodies of requests: what is read, and what is refused before anything else looks at it.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::{helpers::Answer, on_both_databases};

const JSON: &str = "application/json";

fn post(
    app: &crate::helpers::TestApp,
    kind: &str,
    body: impl Into<reqwest::Body>,
) -> RequestBuilder {
    app.request(Method::POST, "/api/auth/token/").header("content-type", kind).body(body)
}

on_both_databases! {
    async fn a_body_that_is_not_json_says_where(app) {
        for body in ["{", "{\"username\": }", "nonsense", "\u{feff}{}", "{} {}"] {
            let answer = Answer::of(post(app, JSON, body)).await;
            assert_eq!(answer.status, 400, "{body}: {answer:?}");
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(detail.starts_with("JSON parse error - "), "{detail}");
            assert!(detail.contains("line 1 column"), "{detail}");
        }
        let answer = Answer::of(post(app, JSON, &b"{\"username\":\"\xff\"}"[..])).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }

    async fn a_body_that_is_not_an_object_says_what_it_is(app) {
        for (body, kind) in [
            ("null", "NoneType"),
            ("true", "bool"),
            ("5", "number"),
            ("\"x\"", "str"),
            ("[]", "list"),
        ] {
            let text = format!("Invalid data. Expected a dictionary, but got {kind}.");
            let answer = Answer::of(post(app, JSON, body)).await;
            answer.is(400, &json!({"non_field_errors": [text]}));
        }
    }

    async fn an_empty_body_has_no_fields(app) {
        let required = json!(["This field is required."]);
        let answer = Answer::of(app.request(Method::POST, "/api/auth/token/")).await;
        answer.is(400, &json!({"username": required, "password": required}));
    }

    async fn json_is_assumed_whatever_the_body_is_called(app) {
        app.person("nadia").await;
        let body = r#"{"username":"nadia","password":"pw-nadia"}"#;
        for kind in ["application/json; charset=utf-8", "text/plain", "application/octet-stream"] {
            Answer::of(post(app, kind, body)).await.ok();
        }
    }

    async fn a_body_that_is_too_large_is_refused(app) {
        for kind in [JSON, "application/x-www-form-urlencoded"] {
            let answer = Answer::of(post(app, kind, "x".repeat(131_073))).await;
            answer.is(413, &json!({"detail": "Request body is too large."}));
        }
        // One that is just small enough is read.
        let answer = Answer::of(post(app, JSON, " ".repeat(131_072 - 2) + "{}")).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }

    async fn a_compressed_body_is_never_unpacked(app) {
        for encoding in ["gzip", "br", "deflate", "zstd"] {
            let request = post(app, JSON, &b"\x1f\x8b"[..]).header("content-encoding", encoding);
            let answer = Answer::of(request).await;
            answer.is(415, &json!({"detail": "Compressed request bodies are not supported."}));
        }
    }
}
