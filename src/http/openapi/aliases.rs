//! Endpoints that answer under further names, as `routes.rs` has them.

use utoipa::{
    Modify,
    openapi::{
        Deprecated, OpenApi,
        path::{
            HttpMethod::{self, Delete, Get, Post},
            Operation, PathItem,
        },
    },
};

/// Operation id, method and path of another name, and the operation it names.
type Alias = (&'static str, HttpMethod, &'static str, (HttpMethod, &'static str));

const LIST: &str = "/api/messaging/conversations/";
const CREATE: &str = "/api/messaging/conversations/create/";
const LEGACY: &str = "/api/messaging/conversations/legacy/";
const WITH_USER: &str = "/api/messaging/messages/";
const UNREAD: &str = "/api/messaging/messages/user/{id}/unread/";
const UNREAD_SHORT: &str = "/api/messages/user/{id}/unread/";
const TOGGLE: &str = "/api/follow/toggle/{id}/";

const ALIASES: [Alias; 7] = [
    ("describe_host", Get, "/", (Get, "/api/")),
    ("list_conversations_at_create", Get, CREATE, (Get, LIST)),
    ("start_conversation_at_create", Post, CREATE, (Post, LIST)),
    ("start_conversation_at_legacy", Post, LEGACY, (Post, LIST)),
    ("messages_with_user_short", Get, "/api/messages/", (Get, WITH_USER)),
    ("unread_count_with_short", Get, UNREAD_SHORT, (Get, UNREAD)),
    ("unfollow_by_post", Post, "/api/follow/unfollow/{id}/", (Delete, TOGGLE)),
];

/// Describes the further names, and gives each operation an id of its own.
pub(super) struct Aliases;

impl Modify for Aliases {
    fn modify(&self, document: &mut OpenApi) {
        let paths = &mut document.paths.paths;
        for (id, method, path, (of_method, of_path)) in ALIASES {
            let original = paths.get_mut(of_path).and_then(|item| slot(item, &of_method).clone());
            let alias = original.map(|original| named(original, id));
            *slot(paths.entry(path.to_owned()).or_default(), &method) = alias;
        }
        for item in paths.values_mut() {
            name_apart(item);
        }
    }
}

fn named(mut operation: Operation, id: &str) -> Operation {
    let original = operation.operation_id.replace(id.to_owned()).unwrap_or_default();
    operation.description = Some(format!("Another name of `{original}`."));
    operation.deprecated = Some(Deprecated::True);
    operation
}

/// Two methods with one handler have one id at first.
fn name_apart(item: &mut PathItem) {
    let mut taken: Vec<String> = vec![];
    for (method, operation) in [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("delete", &mut item.delete),
        ("post", &mut item.post),
        ("patch", &mut item.patch),
    ] {
        if let Some(id) = operation.as_mut().and_then(|operation| operation.operation_id.as_mut()) {
            if taken.contains(id) {
                *id = format!("{id}_by_{method}");
            }
            taken.push(id.clone());
        }
    }
}

fn slot<'a>(item: &'a mut PathItem, method: &HttpMethod) -> &'a mut Option<Operation> {
    match method {
        Get => &mut item.get,
        Post => &mut item.post,
        HttpMethod::Put => &mut item.put,
        Delete => &mut item.delete,
        HttpMethod::Options => &mut item.options,
        HttpMethod::Head => &mut item.head,
        HttpMethod::Patch => &mut item.patch,
        HttpMethod::Trace => &mut item.trace,
    }
}
