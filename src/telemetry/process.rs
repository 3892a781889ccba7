//! What this process takes of its machine, and how many files it may open.

use std::fs;

#[cfg(unix)]
use rustix::process::{Resource, getrlimit, setrlimit};

/// Memory in use, in bytes. Only Linux tells.
#[cfg(target_os = "linux")]
pub fn resident_bytes() -> Option<u64> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = statm.split(' ').nth(1)?.parse().ok()?;
    u64::try_from(pages * rustix::param::page_size()).ok()
}

/// Memory in use, in bytes. Only Linux tells.
#[cfg(not(target_os = "linux"))]
pub fn resident_bytes() -> Option<u64> {
    None
}

/// Open files and sockets. Only Linux tells.
pub(super) fn open_files() -> Option<usize> {
    Some(fs::read_dir("/proc/self/fd").ok()?.count())
}

/// Most files and sockets that may be open at once; `None` = no limit.
pub fn open_files_max() -> Option<u64> {
    #[cfg(unix)]
    return getrlimit(Resource::Nofile).current;
    #[cfg(not(unix))]
    return None;
}

/// Takes all that the machine grants: the soft limit is often 1024, for programs that still use
/// `select`.
pub fn raise_open_files_max() {
    #[cfg(unix)]
    {
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::debug!(%error, "the limit on open files stays as it is");
        }
    }
}
