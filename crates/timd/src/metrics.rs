//! Counters of the server and their Prometheus text: atomics, no clock; a lock only around what is
//! set twice a second.

use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::Mutex;
use protocol::ops;

/// Counts up.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn inc(&self) {
        self.add(1);
    }
    /// So many more.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }
    /// How many.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Goes up and down.
#[derive(Default)]
pub struct Gauge(AtomicI64);

impl Gauge {
    /// Moves it.
    pub fn add(&self, n: i64) {
        self.0.fetch_add(n, Relaxed);
    }
    /// Puts it somewhere.
    pub fn set(&self, n: i64) {
        self.0.store(n, Relaxed);
    }
    /// Where it is.
    pub fn get(&self) -> i64 {
        self.0.load(Relaxed)
    }
}

/// How durations, or numbers, are spread. Bounds are in microseconds, or plain.
pub struct Histogram {
    bounds: &'static [u64],
    buckets: Vec<AtomicU64>,
    sum: AtomicU64,
}

const LATENCY_US: &[u64] = &[
    25, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 102_400, 409_600,
    1_638_400,
];
const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256];

impl Histogram {
    fn new(bounds: &'static [u64]) -> Self {
        Self {
            bounds,
            buckets: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    /// Counts a value.
    pub fn record(&self, value: u64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        self.buckets[at].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// Counts a duration.
    pub fn observe(&self, duration: Duration) {
        self.record(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|b| b.load(Relaxed)).sum()
    }
}

/// How a login ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoginOutcome {
    /// A session was opened.
    Ok,
    /// An open session was extended.
    Renewed,
    /// The ticket, the app or the user was not good.
    Refused,
    /// Too many failed from this address.
    Blocked,
    /// The device's place was taken while it was away.
    Displaced,
    /// Too many at once: told to come back.
    Deferred,
    /// The server had trouble of its own.
    Failed,
}

const OUTCOMES: [(LoginOutcome, &str); 7] = [
    (LoginOutcome::Ok, "ok"),
    (LoginOutcome::Renewed, "renewed"),
    (LoginOutcome::Refused, "refused"),
    (LoginOutcome::Blocked, "blocked"),
    (LoginOutcome::Displaced, "displaced"),
    (LoginOutcome::Deferred, "deferred"),
    (LoginOutcome::Failed, "failed"),
];

/// Why a device lost its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kick {
    /// Another device logged in, and this one was online.
    Online,
    /// The same, while this one was away.
    Away,
    /// A connection gave way to a newer one of its own device.
    OwnDevice,
}

const KICKS: [(Kick, &str); 3] = [
    (Kick::Online, "online"),
    (Kick::Away, "away"),
    (Kick::OwnDevice, "own_device"),
];

/// Why a note got lost between two nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lost {
    /// Too many waited for the bus.
    Full,
    /// It was bigger than the bus takes.
    TooBig,
    /// More arrived than this node could read; each one counts that the bus tells of.
    Slow,
    /// It arrived, and this version does not know its kind.
    Unknown,
}

const LOST: [(Lost, &str); 4] = [
    (Lost::Full, "full"),
    (Lost::TooBig, "too_big"),
    (Lost::Slow, "slow"),
    (Lost::Unknown, "unknown"),
];

/// The users of one app who were online lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ActiveGauge {
    /// The app.
    pub app_id: u64,
    /// Today.
    pub daily: u64,
    /// Today and in the 29 days before.
    pub monthly: u64,
}

/// All of them.
pub struct Metrics {
    /// TCP connections now open.
    pub connections: Gauge,
    /// Connections accepted so far.
    pub accepted: Counter,
    /// Connections dropped before their handshake, because of a limit.
    pub turned_away: Counter,
    /// Handshakes that failed or took too long.
    pub handshakes_failed: Counter,
    /// Connections that the server closed with a code.
    pub closed: Counter,
    /// Sessions now open.
    pub sessions: Gauge,
    /// Messages stored, or passed on when online-only.
    pub messages: Counter,
    /// Sends that repeated an earlier one.
    pub repeats: Counter,
    /// Frames pushed to sessions.
    pub pushes: Counter,
    /// Questions where users are online that the database did not answer: other nodes were not
    /// told.
    pub unrouted: Counter,
    /// Notes handed to the bus, and taken from it.
    pub notes: [Counter; 2],
    /// 1 while what this node sends to itself by the bus comes back.
    pub bus_connected: Gauge,
    /// How often the bus came back after it had been away.
    pub bus_reconnects: Counter,
    /// From the first statement of a commit to its end on disk.
    pub commit: Histogram,
    /// Operations in one commit.
    pub commit_operations: Histogram,
    /// From the moment a push is due until it was handed to the socket.
    pub delivery: Histogram,
    /// Operations waiting for the writer.
    pub write_queue: Gauge,
    /// Queries waiting for a reader.
    pub read_queue: Gauge,
    /// Transactions that were begun again because of another one, or on another connection.
    pub retries: Counter,
    /// Bytes waiting to be written to clients.
    pub outgoing_bytes: Gauge,
    /// Sessions that came back by themselves after a lost connection.
    pub reconnects: Counter,
    logins: [Counter; OUTCOMES.len()],
    kicks: [Counter; KICKS.len()],
    lost: [Counter; LOST.len()],
    active: Mutex<Vec<ActiveGauge>>,
    requests: Vec<Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            connections: Gauge::default(),
            accepted: Counter::default(),
            turned_away: Counter::default(),
            handshakes_failed: Counter::default(),
            closed: Counter::default(),
            sessions: Gauge::default(),
            messages: Counter::default(),
            repeats: Counter::default(),
            pushes: Counter::default(),
            unrouted: Counter::default(),
            notes: Default::default(),
            bus_connected: Gauge::default(),
            bus_reconnects: Counter::default(),
            commit: Histogram::new(LATENCY_US),
            commit_operations: Histogram::new(SIZES),
            delivery: Histogram::new(LATENCY_US),
            write_queue: Gauge::default(),
            read_queue: Gauge::default(),
            retries: Counter::default(),
            outgoing_bytes: Gauge::default(),
            reconnects: Counter::default(),
            logins: Default::default(),
            kicks: Default::default(),
            lost: Default::default(),
            active: Mutex::default(),
            requests: (0..=ops::NAMES.len()).map(|_| Counter::default()).collect(),
        }
    }
}

impl Metrics {
    /// Counts a login.
    pub fn login(&self, outcome: LoginOutcome) {
        self.logins[outcome as usize].inc();
    }

    /// How many logins ended so.
    pub fn logins(&self, outcome: LoginOutcome) -> u64 {
        self.logins[outcome as usize].get()
    }

    /// Counts a device that lost its place.
    pub fn kick(&self, kick: Kick) {
        self.kicks[kick as usize].inc();
    }

    /// How many lost it so.
    pub fn kicks(&self, kick: Kick) -> u64 {
        self.kicks[kick as usize].get()
    }

    /// Counts notes that got lost.
    pub fn lost(&self, why: Lost, n: u64) {
        self.lost[why as usize].add(n);
    }

    /// How many got lost so.
    pub fn lost_so_far(&self, why: Lost) -> u64 {
        self.lost[why as usize].get()
    }

    /// The figures of all apps, as of now.
    pub fn set_active(&self, active: Vec<ActiveGauge>) {
        *self.active.lock() = active;
    }

    /// Counts a request by the name of its operation.
    pub fn request(&self, op: &str) {
        let known = ops::NAMES.iter().position(|name| *name == op);
        self.requests[known.unwrap_or(ops::NAMES.len())].inc();
    }

    /// The text that Prometheus scrapes.
    pub fn text(&self) -> String {
        let mut out = Text(String::with_capacity(8 * 1024));
        out.gauge("connections", "Connections now open", &self.connections);
        out.counter(
            "connections_accepted_total",
            "Connections accepted",
            &self.accepted,
        );
        out.counter(
            "connections_turned_away_total",
            "Connections dropped before the handshake because of a limit",
            &self.turned_away,
        );
        out.counter(
            "handshakes_failed_total",
            "Handshakes that failed or took too long",
            &self.handshakes_failed,
        );
        out.counter(
            "connections_closed_total",
            "Connections closed by the server with a code",
            &self.closed,
        );
        out.gauge("sessions", "Sessions now open", &self.sessions);
        out.head("logins_total", "Logins by outcome", "counter");
        for (outcome, name) in OUTCOMES {
            out.line(
                "logins_total",
                &format!("{{outcome=\"{name}\"}}"),
                self.logins(outcome),
            );
        }
        out.counter(
            "reconnects_total",
            "Sessions that came back by themselves",
            &self.reconnects,
        );
        out.head(
            "kicks_total",
            "Sessions that gave way, by reason",
            "counter",
        );
        for (kick, name) in KICKS {
            let label = format!("{{reason=\"{name}\"}}");
            out.line("kicks_total", &label, self.kicks(kick));
        }
        let active = self.active.lock().clone();
        out.by_app(
            "active_users_daily",
            "Users online today (UTC)",
            active.iter().map(|app| (app.app_id, app.daily)),
        );
        out.by_app(
            "active_users_monthly",
            "Users online in 30 days (UTC)",
            active.iter().map(|app| (app.app_id, app.monthly)),
        );
        out.head("requests_total", "Requests by operation", "counter");
        for (n, counter) in self.requests.iter().enumerate() {
            let name = ops::NAMES.get(n).copied().unwrap_or("unknown");
            out.line(
                "requests_total",
                &format!("{{op=\"{name}\"}}"),
                counter.get(),
            );
        }
        out.counter("messages_total", "Messages accepted", &self.messages);
        out.counter(
            "repeats_total",
            "Messages sent again by their client",
            &self.repeats,
        );
        out.counter("pushes_total", "Frames pushed to sessions", &self.pushes);
        out.counter(
            "unrouted_total",
            "Times that other nodes were not told, since the database did not answer",
            &self.unrouted,
        );
        let [sent, received] = &self.notes;
        out.counter("notes_sent_total", "Notes to other nodes", sent);
        out.counter("notes_received_total", "Notes from other nodes", received);
        out.head(
            "notes_lost_total",
            "Notes that got lost, by reason",
            "counter",
        );
        for (why, name) in LOST {
            let label = format!("{{reason=\"{name}\"}}");
            out.line("notes_lost_total", &label, self.lost_so_far(why));
        }
        out.gauge(
            "bus_connected",
            "1 while notes can arrive by the bus",
            &self.bus_connected,
        );
        out.counter(
            "bus_reconnects_total",
            "Times the bus came back after it had been away",
            &self.bus_reconnects,
        );
        out.seconds(
            "commit_seconds",
            "Time of a commit, statements included",
            &self.commit,
        );
        out.plain(
            "commit_operations",
            "Operations in a commit",
            &self.commit_operations,
        );
        out.seconds(
            "delivery_seconds",
            "Time from the commit of an event until it was handed to the socket",
            &self.delivery,
        );
        out.gauge(
            "write_queue_depth",
            "Operations waiting for the writer",
            &self.write_queue,
        );
        out.gauge(
            "read_queue_depth",
            "Queries waiting for a reader",
            &self.read_queue,
        );
        out.counter(
            "retries_total",
            "Transactions of the database that were begun again",
            &self.retries,
        );
        out.gauge(
            "outgoing_bytes",
            "Bytes waiting to be written to clients",
            &self.outgoing_bytes,
        );
        out.0
    }
}

struct Text(String);

impl Text {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(
            self.0,
            "# HELP timd_{name} {help}\n# TYPE timd_{name} {kind}"
        );
    }
    fn line(&mut self, name: &str, labels: &str, value: u64) {
        let _ = writeln!(self.0, "timd_{name}{labels} {value}");
    }
    fn counter(&mut self, name: &str, help: &str, counter: &Counter) {
        self.head(name, help, "counter");
        self.line(name, "", counter.get());
    }
    fn gauge(&mut self, name: &str, help: &str, gauge: &Gauge) {
        self.head(name, help, "gauge");
        let _ = writeln!(self.0, "timd_{name} {}", gauge.get());
    }
    fn by_app(&mut self, name: &str, help: &str, figures: impl Iterator<Item = (u64, u64)>) {
        self.head(name, help, "gauge");
        for (app_id, figure) in figures {
            self.line(name, &format!("{{app=\"{app_id}\"}}"), figure);
        }
    }
    fn seconds(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.histogram(name, help, histogram, 1e6);
    }
    fn plain(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.histogram(name, help, histogram, 1.0);
    }
    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram, scale: f64) {
        self.head(name, help, "histogram");
        let mut total = 0;
        for (n, bucket) in histogram.buckets.iter().enumerate() {
            total += bucket.load(Relaxed);
            let le = match histogram.bounds.get(n) {
                Some(bound) => (*bound as f64 / scale).to_string(),
                None => "+Inf".to_owned(),
            };
            let _ = writeln!(self.0, "timd_{name}_bucket{{le=\"{le}\"}} {total}");
        }
        let sum = histogram.sum.load(Relaxed) as f64 / scale;
        let _ = writeln!(self.0, "timd_{name}_sum {sum}\ntimd_{name}_count {total}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_cumulative_and_complete() {
        let metrics = Metrics::default();
        metrics.commit.observe(Duration::from_micros(60));
        metrics.commit.observe(Duration::from_secs(60));
        metrics.login(LoginOutcome::Refused);
        metrics.request("message.send");
        metrics.request("no.such");
        metrics.kick(Kick::Away);
        metrics.set_active(vec![ActiveGauge {
            app_id: 7,
            daily: 2,
            monthly: 3,
        }]);
        let text = metrics.text();
        for line in [
            "timd_commit_seconds_bucket{le=\"0.00005\"} 0",
            "timd_commit_seconds_bucket{le=\"0.0001\"} 1",
            "timd_commit_seconds_bucket{le=\"+Inf\"} 2",
            "timd_commit_seconds_count 2",
            "timd_logins_total{outcome=\"refused\"} 1",
            "timd_requests_total{op=\"message.send\"} 1",
            "timd_requests_total{op=\"unknown\"} 1",
            "timd_kicks_total{reason=\"away\"} 1",
            "timd_active_users_daily{app=\"7\"} 2",
            "timd_active_users_monthly{app=\"7\"} 3",
            "timd_reconnects_total 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in {text}");
        }
    }
}
