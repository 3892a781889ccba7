//! Every number the server publishes, by name and once: `GET /metrics` in the text format of
//! Prometheus. No label ever names a person or a conversation.

use std::sync::LazyLock;

use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, gauge, histogram,
};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use super::process::{open_files, resident_bytes};

/// Upper bounds of durations, in seconds.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Upper bounds of the size of a transaction, in commands.
const COMMANDS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// The numbers of this process.
pub struct Metrics {
    exporter: PrometheusHandle,
    pub chat_connections: Gauge,
    pub messaging_connections: Gauge,
    pub notification_connections: Gauge,
    pub frames_received: Counter,
    pub events_posted: Counter,
    pub slow_consumers: Counter,
    pub sockets_refused: Counter,
    pub rate_limited: Counter,
    pub commands_refused: Counter,
    pub commands_expired: Counter,
    pub shed_typing: Counter,
    pub shed_presence: Counter,
    pub shed_receipts: Counter,
    pub shed_reads: Counter,
    pub shed_changes: Counter,
    pub shed_messages: Counter,
    pub commands_failed: Counter,
    pub commands_waiting: Gauge,
    pub queue_seconds: Histogram,
    pub batch_commands: Histogram,
    pub commit_seconds: Histogram,
    pub delivery_seconds: Histogram,
    pub statements: Counter,
    pub bus_published: Counter,
    pub bus_dropped: Counter,
    pub bus_heard: Counter,
    pub bus_malformed: Counter,
    pub bus_lost: Counter,
    pub bus_listens: Counter,
    pub gaps_repaired: Counter,
    pub gaps_given_up: Counter,
    resident_bytes: Gauge,
    open_files: Gauge,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let recorder = recorder().expect("the bounds above are not empty");
    metrics::with_local_recorder(&recorder, || {
        describe();
        let connections = |endpoint| gauge!("vikrahub_connections", "endpoint" => endpoint);
        let shed = |what| counter!("vikrahub_shed_total", "what" => what);
        Metrics {
            exporter: recorder.handle(),
            chat_connections: connections("chat"),
            messaging_connections: connections("messaging"),
            notification_connections: connections("notifications"),
            frames_received: counter!("vikrahub_frames_received_total"),
            events_posted: counter!("vikrahub_events_posted_total"),
            slow_consumers: counter!("vikrahub_slow_consumers_total"),
            sockets_refused: counter!("vikrahub_sockets_refused_total"),
            rate_limited: counter!("vikrahub_rate_limited_total"),
            commands_refused: counter!("vikrahub_commands_refused_total"),
            commands_expired: counter!("vikrahub_commands_expired_total"),
            shed_typing: shed("typing"),
            shed_presence: shed("presence"),
            shed_receipts: shed("receipts"),
            shed_reads: shed("reads"),
            shed_changes: shed("changes"),
            shed_messages: shed("messages"),
            commands_failed: counter!("vikrahub_commands_failed_total"),
            commands_waiting: gauge!("vikrahub_commands_waiting"),
            queue_seconds: histogram!("vikrahub_queue_seconds"),
            batch_commands: histogram!("vikrahub_batch_commands"),
            commit_seconds: histogram!("vikrahub_commit_seconds"),
            delivery_seconds: histogram!("vikrahub_delivery_seconds"),
            statements: counter!("vikrahub_database_statements_total"),
            bus_published: counter!("vikrahub_bus_published_total"),
            bus_dropped: counter!("vikrahub_bus_dropped_total"),
            bus_heard: counter!("vikrahub_bus_heard_total"),
            bus_malformed: counter!("vikrahub_bus_malformed_total"),
            bus_listens: counter!("vikrahub_bus_listens_total"),
            bus_lost: counter!("vikrahub_bus_connections_lost_total"),
            gaps_repaired: counter!("vikrahub_gaps_repaired_total"),
            gaps_given_up: counter!("vikrahub_gaps_given_up_total"),
            resident_bytes: gauge!("process_resident_memory_bytes"),
            open_files: gauge!("process_open_fds"),
        }
    })
});

/// The numbers of this process.
pub fn metrics() -> &'static Metrics {
    &METRICS
}

impl Metrics {
    /// All numbers as Prometheus reads them.
    pub fn text(&self) -> String {
        self.look_at_the_process();
        self.exporter.render()
    }

    /// Folds what was observed into the histograms; what nobody reads would gather otherwise.
    pub fn tidy(&self) {
        self.exporter.run_upkeep();
    }

    /// Linux only; elsewhere both numbers stay 0.
    #[expect(clippy::cast_precision_loss, reason = "a gauge of memory need not be exact")]
    fn look_at_the_process(&self) {
        self.resident_bytes.set(resident_bytes().unwrap_or(0) as f64);
        self.open_files.set(open_files().unwrap_or(0) as f64);
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_commands".into()), COMMANDS)?;
    Ok(builder.build_recorder())
}

fn describe() {
    describe_gauge!("vikrahub_connections", "Open WebSocket connections of known people");
    describe_counter!("vikrahub_frames_received_total", "Frames from clients");
    describe_counter!("vikrahub_events_posted_total", "Events handed to connections");
    describe_counter!("vikrahub_slow_consumers_total", "Connections closed with 4008");
    describe_counter!("vikrahub_sockets_refused_total", "WebSockets there was no room for");
    describe_counter!("vikrahub_rate_limited_total", "Refusals because something came too often");
    describe_counter!("vikrahub_commands_refused_total", "Commands refused before the database");
    describe_counter!("vikrahub_commands_expired_total", "Commands refused after a long wait");
    describe_counter!("vikrahub_shed_total", "What stood back because writes had to wait");
    describe_counter!("vikrahub_commands_failed_total", "Commands the database failed to store");
    describe_gauge!("vikrahub_commands_waiting", "Commands queued or in a transaction");
    describe_histogram("vikrahub_queue_seconds", "Wait of the oldest command of a transaction");
    describe_histogram("vikrahub_batch_commands", "Commands in one transaction");
    describe_histogram("vikrahub_commit_seconds", "Length of a writing transaction");
    describe_histogram("vikrahub_delivery_seconds", "From a command to its events");
    describe_counter!("vikrahub_database_statements_total", "Statements sent to the database");
    describe_counter!("vikrahub_bus_published_total", "News handed to Redis");
    describe_counter!("vikrahub_bus_dropped_total", "News that could not be handed to Redis");
    describe_counter!("vikrahub_bus_heard_total", "News heard from other servers");
    describe_counter!("vikrahub_bus_malformed_total", "Messages on the bus that were no news");
    describe_counter!("vikrahub_bus_listens_total", "Times the server began to listen to Redis");
    describe_counter!("vikrahub_bus_connections_lost_total", "Lost connections to Redis");
    describe_counter!(
        "vikrahub_gaps_repaired_total",
        "Conversations with changes Redis did not tell of, found by the comparison"
    );
    describe_counter!(
        "vikrahub_gaps_given_up_total",
        "Conversations whose members had to connect again because too much was missed"
    );
    describe_gauge!("process_resident_memory_bytes", "Memory in use");
    describe_gauge!("process_open_fds", "Open files and sockets");
}

fn describe_histogram(name: &'static str, text: &'static str) {
    metrics::describe_histogram!(name, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_published_under_their_names() {
        metrics().slow_consumers.increment(2);
        metrics().queue_seconds.record(0.003);

        let text = metrics().text();

        assert!(text.contains("\nvikrahub_slow_consumers_total 2\n"), "{text}");
        assert!(text.contains("vikrahub_queue_seconds_bucket{le=\"0.005\"} 1"), "{text}");
        assert!(text.contains("# HELP vikrahub_connections Open"), "{text}");
    }
}
