//! Says on what a measurement was made.

use std::path::Path;

/// One line: date, cores, memory, and the file system that has to keep the data.
pub fn describe(data: &Path) -> String {
    let today = chrono::Utc::now().format("%Y-%m-%d");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = memory_gib().map_or_else(|| "unknown".to_owned(), |gib| format!("{gib} GiB"));
    let file_system = file_system(data).unwrap_or_else(|| "an unknown file system".to_owned());
    format!(
        "{today}: {cores} cores, shared by server, database and load generator; \
         {memory} memory; data on {file_system}."
    )
}

fn memory_gib() -> Option<u64> {
    let info = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some((kib + 512 * 1024) / (1024 * 1024))
}

/// On `tmpfs` a commit costs nothing, so a reader of the numbers has to know.
fn file_system(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let path = path.canonicalize().ok()?;
    mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((Path::new(fields.next()?), fields.next()?))
        })
        .filter(|(mount_point, _)| path.starts_with(mount_point))
        .max_by_key(|(mount_point, _)| mount_point.components().count())
        .map(|(_, kind)| kind.to_owned())
}
