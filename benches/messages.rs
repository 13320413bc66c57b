//! Login, latency and throughput of messages.

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tim::sdk::Client;
use tim_core::Command as Call;
use tungstenite::WebSocket;

use crate::floor::{self, Echo};
use crate::receiver::{self, Receiver};
use crate::report::{Goal, Report, median_us};
use crate::setup::{Server, TempDir, call, send};

pub fn login(report: &mut Report) {
    if !report.wants("login") {
        return;
    }
    let echo = Echo::start();
    echo.handshake_us(50);
    let floor = echo.handshake_us(300);
    let server = Server::start(&[]);
    let dir = TempDir::new("login");
    let client = server.client(Some(dir.path()));
    let mut taken = Vec::new();
    for n in 0..330 {
        let user_sig = server.ticket("alice");
        let start = Instant::now();
        call(
            &client,
            Call::Login {
                user_id: "alice".into(),
                user_sig,
            },
        )
        .expect("a login");
        if n >= 30 {
            taken.push(start.elapsed());
        }
        call(&client, Call::Logout).expect("a logout");
    }
    let value = median_us(&mut taken);
    let goal = Goal::Times {
        must: 2.5,
        aim: 2.0,
    };
    report.add("login, call to callback", "us", value, Some(floor), goal);
}

/// What is compared is measured in turns, so that all of it sees the same weather.
const ROUNDS: usize = 6;

pub fn one_way(report: &mut Report) {
    if !report.wants("one-way") {
        return;
    }
    let mut bench = Bench::start();
    let [half_echo, commit, on_disk, storing_off] = bench.medians(400, Duration::ZERO);
    let mut floor = |name, value| report.add(name, "us", value, None, Goal::None);
    floor("floor: half a TLS WebSocket echo", half_echo);
    floor("floor: one SQLite commit, synchronous=FULL", commit);
    let floor = Some(half_echo + commit);
    let (must, aim) = (3.0, 2.0);
    let goal = Goal::Times { must, aim };
    report.add("one-way message, on disk", "us", on_disk, floor, goal);
    let (must, aim) = (4.0, 2.0);
    let goal = Goal::Times { must, aim };
    let name = "one-way message, storing off";
    report.add(name, "us", storing_off, Some(half_echo), goal);

    // As in a chat: nobody is awake when a message comes. The floors rest as well.
    let [half_echo, commit, on_disk, storing_off] = bench.medians(100, Duration::from_millis(1));
    let name = "one-way message after a pause of 1 ms, on disk";
    report.add(name, "us", on_disk, Some(half_echo + commit), Goal::None);
    let name = "one-way message after a pause of 1 ms, storing off";
    report.add(name, "us", storing_off, Some(half_echo), Goal::None);
}

/// What takes part in the comparison.
struct Bench {
    socket: WebSocket<floor::Tls>,
    commits: floor::Commits,
    on_disk: OneWay,
    storing_off: OneWay,
    _echo: Echo,
    _dir: TempDir,
}

impl Bench {
    fn start() -> Self {
        let echo = Echo::start();
        let dir = TempDir::new("one-way");
        Self {
            socket: echo.connect(),
            commits: floor::Commits::start(),
            on_disk: OneWay::start(&[], Some(dir.path())),
            storing_off: OneWay::start(&["--set", "storage=off"], None),
            _echo: echo,
            _dir: dir,
        }
    }

    /// Half an echo, a commit, a message on disk, a message with storing off: microseconds.
    fn medians(&mut self, count: usize, pause: Duration) -> [f64; 4] {
        // The disk goes on working after a round: what needs none has rounds of its own.
        let [echo, storing_off] = turns(|| {
            [
                floor::echoes(&mut self.socket, count, pause),
                self.storing_off.times(count, pause),
            ]
        });
        let [commit, on_disk] = turns(|| {
            [
                self.commits.times(count, pause),
                self.on_disk.times(count, pause),
            ]
        });
        [echo / 2.0, commit, on_disk, storing_off]
    }
}

/// Medians of rounds, after one that warms up.
fn turns(mut round: impl FnMut() -> [Vec<Duration>; 2]) -> [f64; 2] {
    let mut taken: [Vec<Duration>; 2] = Default::default();
    round();
    for _ in 0..ROUNDS {
        for (all, times) in taken.iter_mut().zip(round()) {
            all.extend(times);
        }
    }
    taken.each_mut().map(|taken| median_us(taken))
}

/// A server, alice here, bob in a process of his own.
struct OneWay {
    alice: Client,
    bob: Receiver,
    _server: Server,
}

impl OneWay {
    fn start(args: &[&str], storage: Option<&Path>) -> Self {
        let server = Server::start(args);
        Self {
            alice: server.logged_in("alice", storage),
            bob: Receiver::start(&server, storage, 1),
            _server: server,
        }
    }

    /// From the call to the other one's callback, one message at a time.
    fn times(&mut self, count: usize, pause: Duration) -> Vec<Duration> {
        let mut one = || {
            floor::rest(pause);
            let (done, sent) = mpsc::sync_channel(1);
            let start = receiver::now();
            send(&self.alice, "bob", move |result| drop(done.send(result)));
            let taken = self.bob.arrival().saturating_sub(start);
            sent.recv_timeout(Duration::from_secs(10))
                .expect("a completion")
                .expect("sent");
            taken
        };
        (0..count).map(|_| one()).collect()
    }
}

/// Calls that the sender keeps open.
const WINDOW: usize = 8_000;

pub fn throughput(report: &mut Report) {
    if !report.wants("throughput") {
        return;
    }
    let floor = floor::messages_per_second(SERVER_ROWS, 50_000);
    let value = measure_throughput(None);
    let goal = Goal::Part {
        must: 0.5,
        aim: 1.0,
    };
    let name = "throughput, 50,000 pipelined, clients' storage off";
    report.add(name, "messages/s", value, Some(floor), goal);

    let dir = TempDir::new("throughput");
    let value = measure_throughput(Some(dir.path()));
    let goal = Goal::AtLeast {
        must: 10_000.0,
        aim: 20_000.0,
    };
    report.add(
        "the same with the clients' storage on",
        "messages/s",
        value,
        None,
        goal,
    );
}

/// Rows that the server writes for a message: itself, an event in each of two streams, and the
/// counters of the conversation and of both accounts.
const SERVER_ROWS: u32 = 6;

fn measure_throughput(storage: Option<&Path>) -> f64 {
    const COUNT: usize = 50_000;
    let server = Server::start(&[]);
    let alice = server.logged_in("alice", storage);
    let mut bob = Receiver::start(&server, storage, COUNT as u64);
    let (permit, permits) = mpsc::channel();
    for _ in 0..WINDOW {
        permit.send(()).expect("a channel");
    }
    let start = receiver::now();
    for _ in 0..COUNT {
        permits.recv().expect("a permit");
        let permit = permit.clone();
        send(&alice, "bob", move |result| {
            result.expect("sent");
            let _ = permit.send(());
        });
    }
    let end = bob.arrival();
    for _ in 0..WINDOW {
        permits.recv().expect("all are completed");
    }
    COUNT as f64 / (end - start).as_secs_f64()
}
