//! What came of a run, in words; and how to see it again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
};

use super::{
    checks::{Account, History, Kind, Violation},
    journal::Entry,
    nemesis::Blow,
    run::Plan,
    world::Store,
};

/// Violations printed of each kind.
const EXAMPLES: usize = 5;

#[derive(Debug)]
pub struct Report {
    store: Store,
    seed: u64,
    seconds: u64,
    struck: Vec<Blow>,
    pub acknowledged: usize,
    kept: usize,
    pub violations: Vec<Violation>,
    folder: PathBuf,
}

impl Report {
    pub fn new(
        plan: &Plan,
        struck: Vec<Blow>,
        accounts: &[Account],
        histories: &[History],
        violations: Vec<Violation>,
        folder: PathBuf,
    ) -> Self {
        let entries = accounts.iter().flat_map(|account| &account.entries);
        let acknowledged = entries.filter(|entry| matches!(entry, Entry::Ack { .. })).count();
        let ids = histories.iter().flat_map(|history| &history.messages);
        let kept = ids.map(|message| &message.id).collect::<BTreeSet<_>>().len();
        let (store, seed, seconds) = (plan.store, plan.seed, plan.storm.as_secs());
        Self { store, seed, seconds, struck, acknowledged, kept, violations, folder }
    }

    pub fn kinds(&self) -> BTreeSet<Kind> {
        self.violations.iter().map(|violation| violation.kind).collect()
    }

    /// Throws the journals away.
    pub fn forget(&self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, seed, seconds, struck, acknowledged, kept, violations, folder } = self;
        writeln!(f, "chaos on {store:?}, seed {seed}, {seconds} s: {acknowledged} acknowledged,")?;
        writeln!(f, "{kept} in the history, {} violations; {struck:?}", violations.len())?;
        let mut shown = BTreeMap::<Kind, usize>::new();
        for Violation { kind, detail } in violations {
            let count = shown.entry(*kind).or_default();
            *count += 1;
            if *count <= EXAMPLES {
                writeln!(f, "  {kind:?}: {detail}")?;
            }
        }
        if !violations.is_empty() {
            let test = format!("{store:?}").to_lowercase();
            writeln!(f, "journals: {}", folder.display())?;
            writeln!(
                f,
                "again: CHAOS_SEED={seed} CHAOS_SEEDS=1 CHAOS_SECONDS={seconds} scripts/services.sh \
                 run -- cargo test --test it chaos::{test} -- --nocapture"
            )?;
        }
        Ok(())
    }
}
