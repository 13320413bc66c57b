//! Many users on many nodes: the server's logic on a bus and a database in memory, in simulated time,
//! to see what grows with what. `make simulate` runs it; docs/performance.md has the outcome.
//!
//! A day is compressed into what changes something: everybody arrives, watches others, writes, says
//! how he is; some lose their connection; a node dies; others are stopped one by one; everybody
//! goes. Popularity is skewed. [`report`] compares what was counted with the arithmetic.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use protocol::usersig;
use timd::logic::{BEAT_MS, Census, Frame, Harness, LEASE_MS, Link, LogicConfig, SessionId};
use timd::repo::{App, Repo};

use crate::Random;
use crate::server::ready;
use counted::{Books, Bus, Database, Wires};

mod counted;
pub mod report;

pub use counted::{NOTES, Tally};
pub use report::Report;

const APP: u64 = 1;
const KEY: &str = "a key of thirty-two bytes, or so";
const BEGIN_MS: u64 = 1_750_000_000_000;
/// Of two users one has a second device.
const SECOND: usize = 2;
/// Whom each user watches.
pub const WATCHED: usize = 50;

/// How many of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub users: usize,
    pub nodes: usize,
}

/// What a part of the day took.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: &'static str,
    /// How many logins, messages and so on.
    pub count: u64,
    pub tally: Tally,
    pub time: Duration,
}

/// Frames to clients: all connections share the counters.
#[derive(Default)]
struct Frames {
    frames: AtomicU64,
    bytes: AtomicU64,
}

struct Line(Arc<Frames>);

impl Link for Line {
    fn send(&self, frame: Frame) {
        self.0.frames.fetch_add(1, Ordering::Relaxed);
        self.0
            .bytes
            .fetch_add(frame.len() as u64, Ordering::Relaxed);
    }

    fn close(&self, _: u16, _: &str) {}
}

type Server = Harness<Database, Bus>;

#[derive(Clone, Copy)]
struct Device {
    user: usize,
    /// Its node and connection, while it has one.
    at: Option<(usize, SessionId)>,
}

struct Day {
    size: Size,
    random: Random,
    books: Arc<Books>,
    wires: Arc<Wires>,
    nodes: Vec<Option<Server>>,
    devices: Vec<Device>,
    frames: Arc<Frames>,
    last_session: SessionId,
    last_message: u64,
    /// Receivers and senders.
    written: Vec<(usize, usize)>,
    now: u64,
    watched: u64,
    parts: Vec<Part>,
}

/// Lives through a day. `memory` tells how many bytes this program has on its heap.
pub fn run(size: Size, memory: fn() -> usize) -> Report {
    let mut day = Day::new(size);
    let mut report = Report::new(size);
    let empty = memory();
    day.part("login, the first one", |day| day.arrive());
    let arrived = memory();
    report.connections = day.devices.len() as u64;
    report.bytes_arrived = arrived.saturating_sub(empty);
    report.arrived = day.census();
    day.part("subscription to 50", |day| day.watch());
    report.bytes_watching = memory().saturating_sub(arrived);
    report.watching = day.census();
    report.seats = day.seats();
    report.watched = day.watched;
    day.part("message", |day| day.write());
    day.part("read mark", |day| day.read());
    day.part("custom status", |day| day.set_status());
    day.part("profile", |day| day.set_profile());
    day.part("heartbeat", |day| day.heartbeats());
    day.part("connection lost, and back", |day| day.reconnect());
    day.part("user of a node that died", |day| day.lose_a_node());
    day.part("connection moved by a stop", |day| day.stop_nodes());
    report.busy = day.census();
    report.bytes_busy = memory().saturating_sub(empty);
    day.part("goodbye", |day| day.leave());
    report.left = day.census();
    report.bytes_left = memory().saturating_sub(empty);
    report.waiting = day.wires.most_waiting();
    report.parts = day.parts;
    report
}

impl Day {
    fn new(size: Size) -> Self {
        let books = Arc::new(Books::new());
        let app = App {
            id: APP,
            key: KEY.into(),
            name: String::new(),
            created_at: 0,
            policy: Default::default(),
        };
        assert!(ready(books.way().create_app(app)).expect("the database is there"));
        let mut devices = Vec::with_capacity(size.users * 3 / 2 + 1);
        for user in 0..size.users {
            let device = Device { user, at: None };
            devices.push(device);
            if user % SECOND == 0 {
                devices.push(device);
            }
        }
        let mut day = Self {
            size,
            random: Random::new(size.users as u64 + size.nodes as u64),
            books,
            wires: Arc::default(),
            nodes: (0..size.nodes).map(|_| None).collect(),
            devices,
            frames: Arc::default(),
            last_session: 0,
            last_message: 0,
            written: Vec::with_capacity(size.users.min(50_000)),
            now: 0,
            watched: 0,
            parts: Vec::with_capacity(16),
        };
        for node in 0..size.nodes {
            day.start(node);
        }
        day
    }

    fn part(&mut self, name: &'static str, what: impl FnOnce(&mut Self) -> u64) {
        let (before, begun) = (self.tally(), Instant::now());
        let count = what(self);
        self.deliver();
        self.beat();
        let (tally, time) = (self.tally().since(&before), begun.elapsed());
        self.parts.push(Part {
            name,
            count,
            tally,
            time,
        });
    }

    fn tally(&self) -> Tally {
        Tally {
            frames: self.frames.frames.load(Ordering::Relaxed),
            frame_bytes: self.frames.bytes.load(Ordering::Relaxed),
            ..self.books.tally(&self.wires)
        }
    }

    /// All nodes together.
    fn census(&self) -> Vec<Census> {
        self.nodes.iter().flatten().map(Harness::census).collect()
    }

    /// Users on nodes: a user on two nodes is two.
    fn seats(&self) -> u64 {
        let at = self.devices.iter().filter_map(|d| Some((d.user, d.at?.0)));
        at.collect::<BTreeSet<_>>().len() as u64
    }

    // Nodes.

    fn start(&mut self, node: usize) {
        let config = LogicConfig {
            id_seed: self.random.number(),
            logins_per_second: 0,
            login_timeout: Duration::from_secs(86_400),
            idle_timeout: Duration::from_secs(86_400),
            node_name: node.to_string(),
            ..LogicConfig::default()
        };
        let bus = Bus::new(node, self.wires.clone());
        let server = Harness::with_bus(self.books.way(), bus, config);
        ready(server.logic().start()).expect("the database is there");
        self.nodes[node] = Some(server);
    }

    fn up(&self) -> Vec<usize> {
        let all = 0..self.nodes.len();
        all.filter(|node| self.nodes[*node].is_some()).collect()
    }

    /// Notes arrive, and what they bring about.
    fn deliver(&mut self) {
        while let Some((node, note)) = self.wires.next() {
            if let Some(server) = &self.nodes[node] {
                server.receive(note, BEGIN_MS + self.now);
            }
        }
    }

    fn beat(&mut self) {
        self.now += BEAT_MS;
        for node in self.up() {
            let server = self.nodes[node].as_ref().expect("listed above");
            server.logic().watch_lease(self.now);
            server.tick(BEGIN_MS + self.now);
            ready(server.logic().beat(self.now));
            ready(server.logic().keep_house(BEGIN_MS + self.now));
            self.deliver();
        }
    }

    // People.

    /// Somebody by popularity: one in ten thousand gets a hundredth of all attention.
    fn somebody(&mut self) -> usize {
        let share = (self.random.number() >> 11) as f64 / (1_u64 << 53) as f64;
        (share * share * self.size.users as f64) as usize
    }

    fn request(&mut self, device: usize, op: &str, body: &str) {
        let Some((node, session)) = self.devices[device].at else {
            return;
        };
        let frame = format!(r#"{{"id":1,"op":"{op}","body":{body}}}"#);
        let server = self.nodes[node]
            .as_ref()
            .expect("a device is on a node that is up");
        let now = BEGIN_MS + self.now;
        let outcome = ready(server.handle(session, now, frame.as_bytes()));
        server.logic().apply(session, outcome);
        self.deliver();
    }

    fn log_in(&mut self, device: usize, resume: bool) {
        let up = self.up();
        let node = *self.random.pick(&up);
        self.last_session += 1;
        let session = self.last_session;
        let line = Arc::new(Line(self.frames.clone()));
        let server = self.nodes[node].as_ref().expect("listed above");
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let logic = server.logic();
        logic.connect(session, BEGIN_MS + self.now, peer, line);
        self.devices[device].at = Some((node, session));
        let user = self.devices[device].user;
        let is_second = device > 0 && self.devices[device - 1].user == user;
        let name = name(user);
        let ticket = usersig::mint(KEY, APP, &name, BEGIN_MS / 1000 - 60, 86_400, None);
        let platform = if is_second { 2 } else { 102 };
        // As long as those of real clients.
        let id = format!("{device:032}");
        let body = format!(
            r#"{{"app_id":{APP},"user_id":"{name}","user_sig":"{ticket}","device_id":"{id}","platform":{platform},"features":3,"resume":{resume}}}"#
        );
        self.request(device, "session.login", &body);
    }

    fn disconnect(&mut self, device: usize) {
        if let Some((node, session)) = self.devices[device].at.take()
            && let Some(server) = &self.nodes[node]
        {
            ready(server.logic().disconnected(session, BEGIN_MS + self.now));
            self.deliver();
        }
    }

    fn each_device(&mut self, mut what: impl FnMut(&mut Self, usize)) -> u64 {
        for device in 0..self.devices.len() {
            what(self, device);
            if device.is_multiple_of(1_000) {
                self.now += 10;
            }
        }
        self.devices.len() as u64
    }

    fn arrive(&mut self) -> u64 {
        self.each_device(|day, device| day.log_in(device, false))
    }

    /// One for each user, as far as more would show anything.
    fn at_most(&self, most: usize) -> usize {
        self.size.users.min(most)
    }

    fn first_devices(&self) -> Vec<usize> {
        let is_first = |device: &usize| {
            *device == 0 || self.devices[device - 1].user != self.devices[*device].user
        };
        (0..self.devices.len()).filter(is_first).collect()
    }

    fn watch(&mut self) -> u64 {
        let first = self.first_devices();
        for device in &first {
            let own = self.devices[*device].user;
            let mut whom = BTreeSet::new();
            for _ in 0..WATCHED {
                whom.insert(self.somebody());
            }
            whom.remove(&own);
            let seats = [*device, device + 1].into_iter();
            let seats = seats
                .filter_map(|d| self.devices.get(d))
                .filter(|d| d.user == own);
            let nodes: BTreeSet<usize> = seats.filter_map(|d| Some(d.at?.0)).collect();
            self.watched += (whom.len() * nodes.len()) as u64;
            let names: Vec<String> = whom.into_iter().map(|n| format!("{:?}", name(n))).collect();
            let body = format!(r#"{{"users":[{}]}}"#, names.join(","));
            self.request(*device, "user.subscribe_status", &body);
        }
        first.len() as u64
    }

    fn write(&mut self) -> u64 {
        let text = "x".repeat(200);
        let count = self.at_most(50_000);
        for _ in 0..count {
            let device = self.random.below(self.devices.len());
            let to = self.somebody();
            self.written.push((to, self.devices[device].user));
            let to = name(to);
            self.last_message += 1;
            let id = self.last_message;
            let body = format!(
                r#"{{"conv":{{"conv_type":1,"conv_id":"{to}"}},"msg_id":"a-message-by-{id:020}","content":{{"message_elem_array":[{{"elem_type":0,"text_elem_content":"{text}"}}]}}}}"#
            );
            self.request(device, "message.send", &body);
        }
        count as u64
    }

    fn read(&mut self) -> u64 {
        let first = self.first_devices();
        let written = std::mem::take(&mut self.written);
        for (reader, peer) in &written {
            let (device, peer) = (first[*reader], name(*peer));
            let body = format!(r#"{{"conv":{{"conv_type":1,"conv_id":"{peer}"}},"seq":1000000}}"#);
            self.request(device, "message.read", &body);
        }
        written.len() as u64
    }

    fn set_status(&mut self) -> u64 {
        let count = self.at_most(20_000);
        for n in 0..count {
            let device = self.random.below(self.devices.len());
            let body = format!(r#"{{"custom_status":"status {n}"}}"#);
            self.request(device, "user.set_status", &body);
        }
        count as u64
    }

    fn set_profile(&mut self) -> u64 {
        let count = self.at_most(5_000);
        for n in 0..count {
            let device = self.random.below(self.devices.len());
            let body = format!(r#"{{"user_profile_item_nick_name":"name {n}"}}"#);
            self.request(device, "user.set_profile", &body);
        }
        count as u64
    }

    fn heartbeats(&mut self) -> u64 {
        self.each_device(|day, device| day.request(device, "session.heartbeat", "{}"))
    }

    fn reconnect(&mut self) -> u64 {
        let count = self.at_most(10_000);
        for _ in 0..count {
            let device = self.random.below(self.devices.len());
            self.disconnect(device);
            self.log_in(device, true);
        }
        count as u64
    }

    /// A node dies. Half of its clients are elsewhere at once, the others when it was found dead.
    fn lose_a_node(&mut self) -> u64 {
        self.nodes[0] = None;
        self.wires.forget(0);
        let there = |d: &Device| d.at.is_some_and(|(node, _)| node == 0);
        let lost: Vec<usize> = (0..self.devices.len())
            .filter(|d| there(&self.devices[*d]))
            .collect();
        for device in &lost {
            self.devices[*device].at = None;
        }
        let (quick, slow) = lost.split_at(lost.len() / 2);
        quick.iter().for_each(|device| self.log_in(*device, true));
        for _ in 0..LEASE_MS * 3 / BEAT_MS + 4 {
            self.beat();
        }
        slow.iter().for_each(|device| self.log_in(*device, true));
        self.start(0);
        lost.len() as u64
    }

    /// Two nodes are stopped, one after the other, and started again.
    fn stop_nodes(&mut self) -> u64 {
        let mut moved = 0;
        for node in 0..self.nodes.len().min(2) {
            let there: Vec<usize> = (0..self.devices.len())
                .filter(|d| self.devices[*d].at.is_some_and(|(at, _)| at == node))
                .collect();
            let server = self.nodes[node].as_ref().expect("all are up");
            server.shutdown(Duration::from_secs(1));
            there.iter().for_each(|device| self.disconnect(*device));
            let server = self.nodes[node].take().expect("all are up");
            ready(server.logic().resign(BEGIN_MS + self.now));
            self.wires.forget(node);
            self.deliver();
            there.iter().for_each(|device| self.log_in(*device, true));
            self.start(node);
            self.beat();
            moved += there.len() as u64;
        }
        moved
    }

    fn leave(&mut self) -> u64 {
        let count = self.each_device(|day, device| day.disconnect(device));
        // Who was active is remembered for a minute.
        for _ in 0..60_000 / BEAT_MS {
            self.beat();
        }
        count
    }
}

fn name(user: usize) -> String {
    format!("user-{user:08}")
}
