//! The `SQLite` file holds password hashes and messages: only its owner may read it.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
};

use crate::config::DatabaseConfig;

/// Makes file and folder if they are missing; those that exist keep their permissions. `SQLite`
/// gives its other files the permissions of this one.
pub(super) fn create(config: &DatabaseConfig) -> io::Result<()> {
    let Some(file) = config.url.sqlite_file() else { return Ok(()) };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
