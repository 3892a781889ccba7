//! Packets that vanish on their way over the loopback interface, without a word to either side.

use std::process::Command;

use uuid::Uuid;

/// Until it is dropped, nothing comes from or to a port.
#[derive(Debug)]
pub struct PacketFilter {
    table: String,
}

impl PacketFilter {
    /// `None` where nobody may filter packets.
    #[expect(clippy::print_stdout, reason = "a test that passes without checking should say so")]
    pub fn dropping(ports: &[u16]) -> Option<Self> {
        let filter = Self { table: format!("vikrahub_test_{}", Uuid::new_v4().simple()) };
        let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
        let (table, ports) = (&filter.table, ports.join(", "));
        let rules = format!(
            "table inet {table} {{ chain input {{
                type filter hook input priority 0
                iif lo tcp sport {{ {ports} }} drop
                iif lo tcp dport {{ {ports} }} drop
            }} }}"
        );
        let is_set = nft(&[&rules]);
        if !is_set {
            println!("skipped: packets cannot be filtered (takes root and nftables)");
        }
        is_set.then_some(filter)
    }
}

impl Drop for PacketFilter {
    fn drop(&mut self) {
        nft(&["delete", "table", "inet", &self.table]);
    }
}

fn nft(arguments: &[&str]) -> bool {
    let program = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"];
    let program = program.into_iter().find(|path| std::fs::exists(path).unwrap_or(false));
    let output = program.and_then(|program| Command::new(program).args(arguments).output().ok());
    output.is_some_and(|output| output.status.success())
}
