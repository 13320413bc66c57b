//! Login, latency and throughput of messages.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use tim::sdk::Client;
use tim_core::Command as Call;

use crate::floor::{self, Echo};
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
    echo.half_echo_us(500);
    let half_echo = echo.half_echo_us(3000);
    let commit = floor::commit_us(2000);
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

fn measure_one_way(server: &Server, storage: Option<&Path>) -> f64 {
    let alice = server.logged_in("alice", storage);
    let bob = server.logged_in("bob", storage);
    let (told, arrived) = mpsc::sync_channel(16);
    bob.listeners().on_new_messages(move |_| {
        let _ = told.send(Instant::now());
    });
    let mut taken = Vec::new();
    for n in 0..2200 {
        let start = Instant::now();
        let (done, sent) = mpsc::sync_channel(1);
        send(&alice, "bob", move |result| drop(done.send(result)));
        let at = arrived
            .recv_timeout(Duration::from_secs(10))
            .expect("the message arrives");
        if n >= 200 {
            taken.push(at - start);
        }
        sent.recv_timeout(Duration::from_secs(10))
            .expect("a completion")
            .expect("sent");
    }
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
    let alice: Arc<Client> = Arc::new(server.logged_in("alice", storage));
    let bob = server.logged_in("bob", storage);
    let (told, arrived) = mpsc::channel();
    let received = AtomicUsize::new(0);
    let last = std::sync::Mutex::new(0);
    bob.listeners().on_new_messages(move |messages| {
        let mut last = last.lock().expect("one callback at a time");
        for message in messages {
            assert_eq!(message.seq, *last + 1, "in order, none lost");
            *last = message.seq;
        }
        if received.fetch_add(messages.len(), Ordering::Relaxed) + messages.len() == COUNT {
            told.send(Instant::now()).expect("somebody waits");
        }
    });
    let (permit, permits) = mpsc::channel();
    for _ in 0..WINDOW {
        permit.send(()).expect("a channel");
    }
    let start = Instant::now();
    for _ in 0..COUNT {
        permits.recv().expect("a permit");
        let permit = permit.clone();
        send(&alice, "bob", move |result| {
            result.expect("sent");
            let _ = permit.send(());
        });
    }
    let end = arrived
        .recv_timeout(Duration::from_secs(60))
        .expect("all of them arrive");
    COUNT as f64 / (end - start).as_secs_f64()
}
