//! Login, latency and throughput of messages.

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tim_core::Command as Call;

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

pub fn one_way(report: &mut Report) {
    if !report.wants("one-way") {
        return;
    }
    let echo = Echo::start();
    echo.half_echo_us(500, PAUSE);
    let half_echo = echo.half_echo_us(2000, PAUSE);
    let commit = floor::commit_us(2000, PAUSE);
    report.add(
        "floor: half a TLS WebSocket echo",
        "us",
        half_echo,
        None,
        Goal::None,
    );
    report.add(
        "floor: one SQLite commit, synchronous=FULL",
        "us",
        commit,
        None,
        Goal::None,
    );

    let dir = TempDir::new("one-way");
    let value = measure_one_way(&Server::start(&[]), Some(dir.path()));
    let goal = Goal::Times {
        must: 3.0,
        aim: 2.0,
    };
    report.add(
        "one-way message, on disk",
        "us",
        value,
        Some(half_echo + commit),
        goal,
    );

    let value = measure_one_way(&Server::start(&["--set", "storage=off"]), None);
    let goal = Goal::Times {
        must: 4.0,
        aim: 2.0,
    };
    report.add(
        "one-way message, storing off",
        "us",
        value,
        Some(half_echo),
        goal,
    );
}

/// Between two messages, so that what is measured is a message that comes when nobody waits for
/// it, as in a chat; the floors pause as well.
const PAUSE: Duration = Duration::from_micros(0);

fn measure_one_way(server: &Server, storage: Option<&Path>) -> f64 {
    let alice = server.logged_in("alice", storage);
    let mut bob = Receiver::start(server, storage, 1);
    let mut taken = Vec::new();
    for n in 0..2200 {
        std::thread::sleep(PAUSE);
        let (done, sent) = mpsc::sync_channel(1);
        let start = receiver::now();
        send(&alice, "bob", move |result| drop(done.send(result)));
        let arrived = bob.arrival();
        if n >= 200 {
            taken.push(arrived.saturating_sub(start));
        }
        sent.recv_timeout(Duration::from_secs(10))
            .expect("a completion")
            .expect("sent");
    }
    taken.sort();
    for b in [5, 10, 25, 50, 75, 90] {
        eprint!(
            "p{b} {:.0} ",
            taken[taken.len() * b / 100].as_nanos() as f64 / 1000.0
        );
    }
    eprintln!();
    median_us(&mut taken)
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
