//! Who may import whom: the arrows of ARCHITECTURE.md as a table, held against every source file.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The rooms from the inside out. A file may use its own room and those on levels before it; rooms
/// of one level are doors that do not know each other.
const LEVELS: &[&[&str]] = &[
    &["broken"],
    &["domain"],
    &["protocol"],
    &["config"],
    &["telemetry"],
    &["auth"],
    &["storage"],
    &["cluster"],
    &["commands"],
    &["edge"],
    &["actors"],
    &["admin"],
    &["session", "http"],
    &["lifecycle"],
    &["app"],
    &["cli"],
    &["lib", "main"],
];

/// Crates and the only places that may name them.
const CONFINED: &[(&str, &[&str])] = &[
    ("entity", &["storage/"]),
    ("migration", &["storage/"]),
    ("sea_orm", &["storage/"]),
    ("sea_orm_migration", &["storage/"]),
    ("sqlx", &["storage/"]),
    ("redis", &["cluster/redis"]),
    ("jsonwebtoken", &["auth/"]),
    ("reqwest", &["auth/key_refresh.rs"]),
    ("actix_web_actors", &["session/socket/"]),
    // Descriptions stand beside what they describe; they read and write nothing.
    ("utoipa", &["protocol/", "http/"]),
    ("utoipa_swagger_ui", &["http/documents/"]),
];

/// What no file may say, because every queue has a bound.
const FORBIDDEN: &[&str] = &["do_send(", "unbounded_channel"];

/// One file of `src/`, its path relative to it.
struct Source<'a> {
    path: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or(self.path);
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Everything wrong with it, one line each.
    fn violations(&self) -> Vec<String> {
        let mut found = vec![];
        if !self.text.starts_with("//!") {
            found.push(format!("{}: does not begin with what it is for (`//!`)", self.path));
        }
        let Some(own_level) = level(self.room()) else {
            found.push(format!(
                "{}: the room `{}` has no place in the table",
                self.path,
                self.room()
            ));
            return found;
        };
        let code = without_comments(self.text);
        for room in rooms_used(&code) {
            match level(&room) {
                Some(used) if used < own_level || room == self.room() => {}
                Some(_) => found.push(format!("{}: may not use `crate::{room}`", self.path)),
                // Not a room: an item that `lib.rs` itself has would be one.
                None => found.push(format!("{}: uses the unknown room `{room}`", self.path)),
            }
        }
        for (name, places) in CONFINED {
            let is_allowed = places.iter().any(|place| self.path.starts_with(place));
            if names_crate(&code, name) && !is_allowed {
                let places = places.join(" and ");
                found.push(format!("{}: only {places} may name `{name}`", self.path));
            }
        }
        for word in FORBIDDEN {
            if code.contains(word) {
                found.push(format!("{}: `{word}` has no bound", self.path));
            }
        }
        found
    }
}

fn level(room: &str) -> Option<usize> {
    LEVELS.iter().position(|rooms| rooms.contains(&room))
}

/// Line comments removed; strings that contain `//` lose their end, which hurts nobody here.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

/// The rooms behind every `crate::`, whether alone or in braces.
fn rooms_used(code: &str) -> Vec<String> {
    let mut rooms = vec![];
    for (_, rest) in
        code.match_indices("crate::").map(|(at, found)| (at, &code[at + found.len()..]))
    {
        if let Some(tree) = rest.strip_prefix('{') {
            rooms.extend(first_names(tree));
        } else {
            rooms.extend(first_name(rest));
        }
    }
    rooms
}

/// The first name of each branch of a `use` tree, up to the brace that closes it.
fn first_names(tree: &str) -> Vec<String> {
    let mut names = vec![];
    let (mut depth, mut expects_name) = (0, true);
    for (at, char) in tree.char_indices() {
        match char {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expects_name = true,
            _ if expects_name && depth == 0 && is_name(char) => {
                names.extend(first_name(&tree[at..]));
                expects_name = false;
            }
            _ => {}
        }
    }
    names
}

/// A name, unless it is an item of the crate itself such as a macro or a type.
fn first_name(text: &str) -> Option<String> {
    let end = text.find(|char| !is_name(char)).unwrap_or(text.len());
    let name = &text[..end];
    name.starts_with(|char: char| char.is_ascii_lowercase()).then(|| name.to_owned())
}

fn is_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// Whether a path begins with the crate: `name::…` or `use name;`, not `other::name` or `my_name`.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, found)| {
        let before = code[..at].chars().next_back();
        let before_is_path = code[..at].ends_with("::")
            && !code[..at].trim_end_matches("::").ends_with(char::is_whitespace);
        let after = &code[at + found.len()..];
        let is_used = code[..at].trim_end().ends_with("use") && after.starts_with(';');
        !before.is_some_and(is_name) && !before_is_path && (after.starts_with("::") || is_used)
    })
}

/// Every `.rs` file under `folder`.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn every_file_keeps_to_its_room() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files(&folder);
    assert!(files.len() > 50, "too few files to be all of them");

    let mut report = String::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a text");
        let path = file.strip_prefix(&folder).expect("below src").to_str().expect("UTF-8");
        for violation in (Source { path, text: &text }).violations() {
            writeln!(report, "  {violation}").expect("memory");
        }
    }

    assert!(report.is_empty(), "the architecture is broken:\n{report}");
}

#[test]
fn every_kind_of_violation_is_found() {
    let good = "//! What it is for.\n";
    for (path, code, complaint) in [
        ("domain/user.rs", "use crate::storage::Storage;", "may not use `crate::storage`"),
        (
            "commands/send.rs",
            "use crate::{domain::User, session::chat};",
            "may not use `crate::session`",
        ),
        (
            "commands/send.rs",
            "use crate::{\n    domain::{A, B},\n    actors::X,\n};",
            "`crate::actors`",
        ),
        ("protocol/a.rs", "fn f() { crate::commands::send() }", "may not use `crate::commands`"),
        ("http/a.rs", "use crate::session::chat;", "may not use `crate::session`"),
        ("session/a.rs", "use crate::http::routes;", "may not use `crate::http`"),
        ("storage/a.rs", "use crate::cluster::Bus;", "may not use `crate::cluster`"),
        ("app.rs", "use crate::cli::Cli;", "may not use `crate::cli`"),
        ("attic/a.rs", "", "the room `attic` has no place"),
        ("http/a.rs", "use crate::attic::X;", "unknown room `attic`"),
        ("commands/a.rs", "use sea_orm::EntityTrait;", "only storage/ may name `sea_orm`"),
        ("http/a.rs", "fn f() -> ::entity::user::Model {}", "only storage/ may name `entity`"),
        ("cli.rs", "migration::Migrator::up()", "only storage/ may name `migration`"),
        ("cli.rs", "use sqlx;", "only storage/ may name `sqlx`"),
        ("http/a.rs", "use jsonwebtoken::decode;", "only auth/ may name `jsonwebtoken`"),
        ("session/a.rs", "use actix_web_actors::ws;", "only session/socket/ may name"),
        ("cluster/local.rs", "use redis::Client;", "only cluster/redis may name `redis`"),
        ("domain/a.rs", "use utoipa::ToSchema;", "only protocol/ and http/ may name `utoipa`"),
        ("actors/a.rs", "addr.do_send(X)", "`do_send(` has no bound"),
        ("actors/a.rs", "mpsc::unbounded_channel()", "`unbounded_channel` has no bound"),
    ] {
        let text = format!("{good}{code}\n");
        let found = Source { path, text: &text }.violations().join("\n");
        assert!(found.contains(complaint), "{path}: {code}\nfound: {found}");
    }
    let found = Source { path: "domain/a.rs", text: "use std::fmt;\n" }.violations().join("\n");
    assert!(found.contains("does not begin with"), "{found}");
}

#[test]
fn what_is_allowed_is_not_complained_about() {
    for (path, code) in [
        ("storage/users.rs", "use sea_orm::EntityTrait;\nuse crate::domain::{User, UserId};"),
        ("commands/send.rs", "use crate::{domain::User, storage::Storage};\nuse super::Post;"),
        ("session/socket/mod.rs", "use actix_web_actors::ws;\nuse crate::actors::Services;"),
        (
            "http/a.rs",
            "// crate::session is the other door; never do_send(\nfn f() { my::entity::x() }",
        ),
        ("domain/a.rs", "let sea_orm_like = 1; identity::x();"),
        ("cli.rs", "use crate::{app, lifecycle, telemetry};"),
        ("main.rs", "use vikrahub_messaging::cli;"),
    ] {
        let text = format!("//! What it is for.\n{code}\n");
        assert_eq!(Source { path, text: &text }.violations(), Vec::<String>::new(), "{path}");
    }
}
