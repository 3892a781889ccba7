//! What the kernel knows about a process: its memory, its processor time, its file limit.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::interval;

/// What a process has used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub resident_bytes: u64,
    pub processor: Duration,
}

impl Usage {
    pub fn of(pid: u32) -> Result<Self> {
        let read = |name: &str| {
            std::fs::read_to_string(format!("/proc/{pid}/{name}"))
                .with_context(|| format!("cannot observe process {pid}"))
        };
        let ticks = processor_ticks(&read("stat")?).context("unknown form of /proc/PID/stat")?;
        let resident =
            resident_kib(&read("status")?).context("unknown form of /proc/PID/status")?;
        let ticks_per_second = rustix::param::clock_ticks_per_second();
        Ok(Self {
            resident_bytes: resident * 1024,
            processor: Duration::from_millis(ticks * 1000 / ticks_per_second),
        })
    }
}

/// The most memory a process has, looked at every now and then until it is over.
pub async fn peak_memory(pid: u32, over: &AtomicBool) -> Result<u64> {
    let (mut peak, mut ticks) = (0, interval(Duration::from_millis(50)));
    while !over.load(Ordering::Relaxed) {
        ticks.tick().await;
        peak = peak.max(Usage::of(pid)?.resident_bytes);
    }
    Ok(peak)
}

/// User and system time: fields 14 and 15, counted after the name, which may hold anything.
fn processor_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn resident_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Allows this process, and servers it starts, as many open files as it may ask for.
pub fn raise_file_limit() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).context("cannot raise the limit of open files")
}

/// Fails early, in words, where later only connections would fail one by one.
pub fn require_files(needed: u64) -> Result<()> {
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < needed => bail!(
            "{needed} open files are needed, but only {limit} are allowed; \
             raise the hard limit (ulimit -Hn) or open fewer connections"
        ),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{processor_ticks, resident_kib};

    #[test]
    fn processor_time_is_user_and_system_time() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 900 0 0 0 70 30 0 0 20 0 4 0 1 2 3";

        assert_eq!(processor_ticks(stat), Some(100));
    }

    #[test]
    fn resident_memory_is_read_from_its_line() {
        assert_eq!(resident_kib("VmHWM:\t 9 kB\nVmRSS:\t    5120 kB\n"), Some(5120));
    }
}
