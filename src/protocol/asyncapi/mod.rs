//! The description of the WebSocket endpoints in AsyncAPI 3.0, made from the types of the wire. It speaks
//! from the server's point of view: it receives frames and sends events.

mod channels;
mod close_codes;
mod events;
mod frames;

use serde_json::{Map, Value, json};

use channels::CHANNELS;

/// The document as JSON, for people as well.
pub fn asyncapi_document() -> String {
    let mut text =
        serde_json::to_string_pretty(&document()).expect("a document has string keys only");
    text.push('\n');
    text
}

fn document() -> Value {
    let mut messages = frames::messages();
    messages.extend(events::messages());
    let mut schemas = frames::schemas();
    schemas.extend(events::schemas());
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "VikraHub Messaging",
            "version": env!("CARGO_PKG_VERSION"),
            "description": include_str!("description.md"),
            "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:8000",
                "protocol": "ws",
                "description": "Where the server listens unless configured otherwise.",
                "security": channels::security(),
            },
        },
        "channels": keyed(&CHANNELS, |channel| (channel.name.to_owned(), channel.describe())),
        "operations": CHANNELS.iter().flat_map(channels::Channel::operations).collect::<Map<_, _>>(),
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": channels::security_schemes(),
        },
    })
}

fn keyed<T>(items: &[T], describe: impl Fn(&T) -> (String, Value)) -> Map<String, Value> {
    items.iter().map(describe).collect()
}

/// The variants of a tagged enum, each with its name and schema.
fn variants(schema: impl serde::Serialize) -> Vec<(String, Value)> {
    let mut schema = serde_json::to_value(schema).expect("a schema has string keys only");
    let Value::Array(variants) = schema["oneOf"].take() else { return vec![] };
    variants
        .into_iter()
        .map(|variant| {
            let name = &variant["properties"]["type"]["enum"][0];
            (name.as_str().unwrap_or_default().to_owned(), variant)
        })
        .collect()
}

/// Schemas that others refer to, by name.
fn by_name<T: serde::Serialize>(schemas: Vec<(String, T)>) -> Map<String, Value> {
    let named = schemas.into_iter().map(|(name, schema)| {
        (name, serde_json::to_value(schema).expect("a schema has string keys only"))
    });
    named.collect()
}
