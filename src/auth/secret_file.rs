//! The secret of a first run without configuration: generated once, kept beside the database.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::config::Secret;

/// Random bytes of a generated secret.
const SECRET_BYTES: usize = 48;

/// The secret file cannot be read or made.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct SecretFileError {
    path: PathBuf,
    source: io::Error,
}

/// Reads the secret at `path`, or makes one that only the owner of the file can read.
pub fn load_or_create_secret(path: &Path) -> Result<Secret, SecretFileError> {
    load_or_create(path).map_err(|source| SecretFileError { path: path.to_owned(), source })
}

fn load_or_create(path: &Path) -> io::Result<Secret> {
    match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found,
    }
    let mut bytes = [0; SECRET_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| io::Error::other("no randomness"))?;
    let secret = URL_SAFE_NO_PAD.encode(bytes);

    // Written aside and linked into place, so that of two first starts one wins and none reads half.
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => read(path),
    }
}

fn read(path: &Path) -> io::Result<Secret> {
    let secret = fs::read_to_string(path)?;
    let secret = secret.trim();
    if secret.len() < 32 {
        return Err(io::Error::other("the secret is shorter than 32 bytes"));
    }
    Ok(Secret::new(secret))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.secret");

        let made = load_or_create_secret(&path).expect("made");
        let read = load_or_create_secret(&path).expect("read");

        assert_eq!(made, read);
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn an_empty_secret_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.secret");
        fs::write(&path, "\n").expect("a file");

        let error = load_or_create_secret(&path).expect_err("too short");

        assert!(error.to_string().ends_with("x.secret: the secret is shorter than 32 bytes"));
    }
}
