//! The documents of the API: whole and current.

mod events;
mod operations;
mod page;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;
use vikrahub_messaging::{http, protocol};

fn openapi() -> Value {
    serde_json::from_str(&http::openapi_document()).unwrap()
}

fn asyncapi() -> Value {
    serde_json::from_str(&protocol::asyncapi_document()).unwrap()
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let routes: BTreeSet<_> = http::routes()
        .into_iter()
        .flat_map(|(path, methods)| {
            methods.into_iter().map(move |method| format!("{method} {path}"))
        })
        .collect();

    let openapi = openapi();
    let described: BTreeSet<_> = openapi["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();

    let missing: Vec<_> = routes.difference(&described).collect();
    assert!(missing.is_empty(), "not in src/http/openapi/mod.rs: {missing:?}");
    let invented: Vec<_> = described.difference(&routes).collect();
    assert!(invented.is_empty(), "described, but no route: {invented:?}");
}

#[test]
fn every_operation_has_an_id_of_its_own_and_says_what_it_is() {
    let mut ids = BTreeSet::new();
    for (path, item) in openapi()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is the id of two operations");
            assert!(operation["summary"].is_string(), "{method} {path}");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let named = parameters.filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(named, path.matches('{').count(), "parameters of {method} {path}");
        }
    }
}

/// Every name after a `$ref` is one the document has.
#[test]
fn nothing_is_referred_to_that_is_not_there() {
    fn check(node: &Value, document: &Value) {
        if let Some(reference) = node["$ref"].as_str() {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        match node {
            Value::Object(fields) => fields.values().for_each(|field| check(field, document)),
            Value::Array(items) => items.iter().for_each(|item| check(item, document)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    for document in [openapi(), asyncapi()] {
        check(&document, &document);
    }
}

#[test]
fn the_files_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (name, document) in [
        ("openapi.json", http::openapi_document()),
        ("asyncapi.json", protocol::asyncapi_document()),
    ] {
        let file = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(file == document, "docs/{name} is stale; refresh it with: make docs");
    }
}
