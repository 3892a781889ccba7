//! `docs/operations.md` and `docs/logging.md` name every number and every line of the log, and none
//! that is not there.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    helpers::{TestApp, TestDatabase},
    on_both_databases,
};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Name and kind of every number in the table.
fn documented() -> BTreeMap<String, String> {
    let page = read("docs/operations.md");
    let (_, rest) = page.split_once("### Numbers").unwrap();
    let (table, _) = rest.split_once("No label names").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, unit, meaning] = cells[..] else { panic!("{row}") };
        assert!(!unit.is_empty() && !meaning.is_empty(), "{row}");
        let name = name.trim_matches('`').split('{').next().unwrap();
        (name.to_owned(), kind.to_owned())
    })
    .collect()
}

/// Name and kind of every number the server publishes.
async fn published(app: &TestApp) -> BTreeMap<String, String> {
    let text = app.get("/metrics").await.ok();
    let types = text.as_str().unwrap().lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types
        .map(|line| {
            let (name, kind) = line.split_once(' ').unwrap();
            (name.to_owned(), kind.to_owned())
        })
        .collect()
}

on_both_databases! {
    async fn every_number_is_documented_and_none_that_is_not_there(app) {
        // A histogram is published once something was observed.
        let (nadia, omar) = (app.person("nadia").await, app.person("omar").await);
        nadia.connect_v2().await.say(omar.id, "hello").await;

        assert_eq!(published(app).await, documented());
    }
}

/// The texts of all lines the sources write at these levels.
fn log_lines(folder: &Path, levels: &[&str], lines: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            log_lines(&path, levels, lines);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for level in levels {
            for (place, start) in source.match_indices(&format!("tracing::{level}!(")) {
                lines.push(last_text(&source[place + start.len()..]));
            }
        }
    }
}

/// The last text among the arguments of a call, as the compiler joins its lines.
fn last_text(arguments: &str) -> String {
    let (mut last, mut text) = (String::new(), None::<String>);
    let (mut depth, mut chars) = (1, arguments.chars());
    while depth > 0 {
        let char = chars.next().unwrap();
        match (&mut text, char) {
            (Some(text), '\\') => {
                let rest = chars.as_str();
                if let Some(rest) = rest.strip_prefix('\n') {
                    chars = rest.trim_start().chars();
                } else {
                    text.extend(chars.next());
                }
            }
            (Some(_), '"') => last = text.take().unwrap(),
            (Some(text), char) => text.push(char),
            (None, '"') => text = Some(String::new()),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
    }
    last
}

#[test]
fn every_line_of_the_log_is_documented() {
    let page = read("docs/logging.md");
    let mut lines = vec![];
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");

    log_lines(&sources, &["error", "warn", "info"], &mut lines);

    assert!(lines.len() > 40, "{lines:?}");
    let missing: Vec<_> =
        lines.iter().filter(|line| !page.contains(&format!("`{line}`"))).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn this_finds_the_texts_of_lines() {
    let database = TestDatabase::sqlite();
    let source = "fn f() {\n    tracing::warn!(%error(), n = \"x\", \"one\");\n    tracing::warn!(\n        a = 1,\n        \
                  \"two, \\\n         and more\"\n    );\n    tracing::debug!(\"three\");\n}\n";
    fs::write(database.folder().join("a.rs"), source).unwrap();
    let mut lines = vec![];

    log_lines(database.folder(), &["warn"], &mut lines);

    assert_eq!(lines, ["one", "two, and more"]);
}
