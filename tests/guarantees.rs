//! Whether every test that docs/guarantees.md names exists.

use std::{fs, path::Path};

/// Names of tests in the document, such as `faults::crash::nothing_is_lost`: the folders and the file
/// below `tests/` (without `it`), then the function.
fn names(document: &str) -> Vec<&str> {
    document
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains("::"))
        .filter(|word| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .collect()
}

/// Whether a file of the tests defines it.
fn exists(root: &Path, name: &str) -> bool {
    let Some((modules, function)) = name.rsplit_once("::") else { return false };
    let path = modules.replace("::", "/");
    let places = ["it/", "storage/", "simulation/", ""];
    places
        .iter()
        .flat_map(|place| [format!("{place}{path}.rs"), format!("{place}{path}/mod.rs")])
        .any(|file| {
            fs::read_to_string(root.join(file))
                .is_ok_and(|text| text.contains(&format!("fn {function}(")))
        })
}

#[test]
fn the_tests_that_show_the_guarantees_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/guarantees.md")).expect("the document");

    let names = names(&document);
    let missing: Vec<_> = names.iter().filter(|name| !exists(&root.join("tests"), name)).collect();

    assert!(names.len() > 40, "only {} names were found", names.len());
    assert!(missing.is_empty(), "no such tests: {missing:#?}");
}

#[test]
fn a_name_without_a_test_is_noticed() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");

    assert_eq!(names("`a::b` is `not::a name`, `c` neither"), ["a::b"]);
    assert!(exists(&tests, "guarantees::a_name_without_a_test_is_noticed"));
    assert!(!exists(&tests, "guarantees::something_else"));
    assert!(!exists(&tests, "nowhere::a_name_without_a_test_is_noticed"));
}
