//! The built demo under `frontend/dist` belongs to the sources beside it: found out without Node.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// What the demo is built from, as in `frontend/scripts/inputs-hash.mjs`.
const INPUTS: [&str; 5] = ["demo", "src", "package-lock.json", "package.json", "tsconfig.json"];

#[test]
fn the_built_demo_is_not_stale() {
    let frontend = Path::new(env!("CARGO_MANIFEST_DIR")).join("frontend");
    if !frontend.exists() {
        println!("skipped: there is no front end here");
        return;
    }
    let noted = fs::read_to_string(frontend.join("dist/inputs.sha256")).unwrap_or_default();
    assert_eq!(
        noted.trim(),
        hash_of(&frontend),
        "frontend/dist is stale: run `npm --prefix frontend run build` and commit what it writes"
    );
}

#[test]
fn every_input_counts() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("src/inner")).unwrap();
    fs::create_dir(folder.path().join("demo")).unwrap();
    for file in ["package-lock.json", "package.json", "tsconfig.json", "src/inner/a.ts"] {
        fs::write(folder.path().join(file), "1").unwrap();
    }
    let before = hash_of(folder.path());

    fs::write(folder.path().join("src/inner/a.ts"), "2").unwrap();
    let changed = hash_of(folder.path());
    fs::rename(folder.path().join("src/inner/a.ts"), folder.path().join("src/inner/b.ts")).unwrap();

    assert_ne!(before, changed);
    assert_ne!(changed, hash_of(folder.path()));
}

fn hash_of(frontend: &Path) -> String {
    let mut files = vec![];
    for input in INPUTS {
        collect(frontend, &frontend.join(input), &mut files);
    }
    files.sort();
    let mut lines = String::new();
    for name in files {
        let digest = sha256(&fs::read(frontend.join(&name)).unwrap());
        writeln!(lines, "{digest}  {name}").unwrap();
    }
    sha256(lines.as_bytes())
}

fn collect(frontend: &Path, path: &PathBuf, files: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(frontend, &entry.unwrap().path(), files);
        }
    } else {
        files.push(path.strip_prefix(frontend).unwrap().to_str().unwrap().replace('\\', "/"));
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
