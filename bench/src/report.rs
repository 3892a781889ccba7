//! Results as Markdown.

use std::time::Duration;

use crate::cli::Shape;
use crate::idle::Idle;
use crate::outcome::{Latency, Outcome};
use crate::overload::Overload;
use crate::reads::Reads;
use crate::strain::{Flood, Stalled};

const COLUMNS: [&str; 10] = [
    "database",
    "messages/s",
    "× batches of one",
    "ack p50 / p99 ms",
    "delivery p50 / p99 ms",
    "lost",
    "duplicated",
    "out of order",
    "server MiB",
    "server CPU µs/message",
];

pub fn load_caption(shape: Shape) -> String {
    let Shape { pairs, window, seconds } = shape;
    format!(
        "Durable messages: {pairs} pairs × {window} in flight, {seconds} s, \
         one new conversation per pair; acknowledged means committed."
    )
}

pub fn load_header() -> String {
    let rules = COLUMNS.iter().enumerate().map(|(i, _)| if i == 0 { "---" } else { "---:" });
    format!("{}\n{}", line(COLUMNS), line(rules))
}

/// One line of the table; `single` is the same database without group commit.
pub fn load_row(name: &str, outcome: &Outcome, single: Option<&Outcome>) -> String {
    let ratio = single.map(|single| format!("{:.1}", outcome.rate / single.rate));
    let (memory, processor) = match &outcome.cost {
        Some(cost) => (
            format!("{:.1}", mebibytes(cost.resident_bytes)),
            format!("{:.1}", cost.processor_per_message.as_secs_f64() * 1e6),
        ),
        None => Default::default(),
    };
    line([
        name.to_owned(),
        thousands(outcome.rate),
        ratio.unwrap_or_default(),
        milliseconds(outcome.acknowledgement),
        milliseconds(outcome.delivery),
        outcome.lost.to_string(),
        outcome.duplicated.to_string(),
        outcome.out_of_order.to_string(),
        memory,
        processor,
    ])
}

pub fn idle_line(idle: &Idle) -> String {
    let opened = format!(
        "Idle connections: {} of {} users, {} connects/s (connect p50 / p99 {} ms)",
        thousands(idle.connections.into()),
        idle.users,
        thousands(idle.connects_per_second),
        milliseconds(idle.connect)
    );
    let Some((before, after)) = idle.resident_bytes else { return format!("{opened}.") };
    let each = mebibytes(after.saturating_sub(before)) * 1024.0 / f64::from(idle.connections);
    format!(
        "{opened}, server memory {:.1} → {:.1} MiB = {each:.1} KiB per connection.",
        mebibytes(before),
        mebibytes(after)
    )
}

pub fn stalled_line(stalled: &Stalled) -> String {
    format!(
        "Clients that do not read: {} of {} connections, {:.0} MiB of texts written to them, server memory \
         {:.1} → at most {:.1} MiB, {} of them sent away with 4008; delivery between others p50 / p99 {} ms, before \
         {} ms.",
        thousands(stalled.not_reading.into()),
        thousands(stalled.connections.into()),
        mebibytes(stalled.written_bytes),
        mebibytes(stalled.resident_before),
        mebibytes(stalled.resident_peak),
        thousands(stalled.sent_away.into()),
        milliseconds(stalled.meanwhile),
        milliseconds(stalled.alone),
    )
}

pub fn flood_line(flood: &Flood) -> String {
    let ratio = flood.meanwhile.p99.as_secs_f64() / flood.alone.p99.as_secs_f64().max(1e-9);
    format!(
        "One user who floods: {} messages, {} refusals; delivery between others p50 / p99 {} ms, before {} ms: \
         p99 × {ratio:.1}.",
        grouped(flood.frames),
        grouped(flood.refusals),
        milliseconds(flood.meanwhile),
        milliseconds(flood.alone),
    )
}

pub fn overload_line(name: &str, peak: f64, overload: &Overload) -> String {
    format!(
        "More than {name} takes: {} messages/s sent, {} stored = {:.0} % of the {} above; refusals p50 / p99 {} ms, \
         server memory {:.1} → at most {:.1} MiB, {} lost or wrongly stored.",
        thousands(overload.offered),
        thousands(overload.stored),
        overload.stored / peak * 100.0,
        thousands(peak),
        milliseconds(overload.refusal),
        mebibytes(overload.resident_before),
        mebibytes(overload.resident_peak),
        overload.wrong,
    )
}

const READ_COLUMNS: [&str; 5] =
    ["database", "messages", "newest pages/s", "old pages/s", "unread counts/s"];

/// 16 connections; a page has 50 messages.
pub fn reads_header() -> String {
    let rules = READ_COLUMNS.iter().enumerate().map(|(i, _)| if i == 0 { "---" } else { "---:" });
    format!("{}\n{}", line(READ_COLUMNS), line(rules))
}

pub fn reads_row(name: &str, reads: &Reads) -> String {
    line([
        name.to_owned(),
        thousands(reads.messages.into()),
        thousands(reads.newest_pages),
        thousands(reads.old_pages),
        thousands(reads.unread_counts),
    ])
}

fn line<C: AsRef<str>>(cells: impl IntoIterator<Item = C>) -> String {
    let mut line = "|".to_owned();
    for cell in cells {
        line.push(' ');
        line.push_str(cell.as_ref());
        line.push_str(" |");
    }
    line
}

fn milliseconds(latency: Latency) -> String {
    let in_ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    format!("{:.1} / {:.1}", in_ms(latency.p50), in_ms(latency.p99))
}

fn mebibytes(bytes: u64) -> f64 {
    let kib = u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
    f64::from(kib) / 1024.0
}

/// A whole number with a comma at every third digit.
fn thousands(number: f64) -> String {
    group(&format!("{number:.0}"))
}

fn grouped(number: u64) -> String {
    group(&number.to_string())
}

fn group(digits: &str) -> String {
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::{line, mebibytes, thousands};

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(
            ["7", "162", "1,676", "1,234,567"],
            [7.0, 162.0, 1676.2, 1_234_567.0].map(thousands)[..]
        );
    }

    #[test]
    fn cells_stand_between_bars() {
        assert_eq!(line(["a", "", "c"]), "| a |  | c |");
    }

    #[test]
    fn memory_is_told_in_mebibytes() {
        assert_eq!(format!("{:.1}", mebibytes(1536 * 1024)), "1.5");
    }
}
