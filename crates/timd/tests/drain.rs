//! `timd drain`, and the signals that do the same.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use support::process::Process;
use support::{Client, PATIENCE, get};

fn drain(server: &Process, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_timd"));
    command.args(["drain", "--data"]).arg(server.data());
    command.args(more).output().unwrap()
}

fn set(settings: &'static [&str]) -> impl Fn(&mut Command) {
    move |command| {
        for setting in settings {
            command.args(["--set", setting]);
        }
    }
}

fn says(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_drained_server_tells_its_clients_and_ends() {
    let mut server = Process::start(|_| {});
    let mut alice = Client::login(&server, "alice");
    alice.send_text("alice", "m", "x");
    // Whoever drains waits until the process is through; its clients leave meanwhile.
    let done = thread::scope(|scope| {
        let done = scope.spawn(|| drain(&server, &[]));
        assert_eq!(
            alice.event("session.shutdown")["body"]["retry_after_ms"],
            1000
        );
        let ended = alice.ended().unwrap();
        assert_eq!(ended, (1001, "retry_after_ms=1000".to_owned()));
        drop(alice);
        done.join().unwrap()
    });
    assert_eq!(done.status.code(), Some(0), "{}", says(&done));
    assert!(server.wait().success());
    assert!(!server.data().join("timd.pid").exists());
    let again = drain(&server, &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(says(&again).contains("no timd is running"));
}

#[test]
fn in_the_grace_it_is_not_ready_and_serves_all_the_same() {
    let mut server = Process::start(set(&["drain_grace=1h"]));
    assert!(get(&server, "/readyz").0.contains(" 200 "));
    let mut alice = Client::login(&server, "alice");
    // As often as one likes: it is no second signal.
    for _ in 0..2 {
        let waited = drain(&server, &["--timeout", "100ms"]);
        assert_eq!(waited.status.code(), Some(3), "{}", says(&waited));
        assert!(says(&waited).contains("still ending"));
    }
    let begin = Instant::now();
    while !get(&server, "/readyz").0.contains(" 503 ") {
        assert!(begin.elapsed() < PATIENCE, "it says that it is ready");
    }
    assert_eq!(get(&server, "/readyz").1, "not ready: stopping\n");
    alice.ok("session.heartbeat", json!({}));
    let mut bob = Client::login(&server, "bob");
    bob.send_text("alice", "m", "x");
    alice.event("message.new");
    // Whoever cannot wait any longer says so.
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(1));
    assert!(server.log().contains("ending at once"), "{}", server.log());
    // What a crash leaves behind is no server.
    assert!(server.data().join("timd.pid").exists());
    let gone = drain(&server, &[]);
    assert_eq!(gone.status.code(), Some(1), "{}", says(&gone));
}

#[test]
fn clients_go_no_faster_than_others_let_them_in() {
    let mut server = Process::start(set(&["logins_per_second=20"]));
    // More than may come in a second.
    let names: Vec<String> = (0..20).map(|n| format!("user{n}")).collect();
    let mut clients: Vec<Client> = names.iter().map(|n| Client::login(&server, n)).collect();
    server.signal("INT");
    let mut told: Vec<Instant> = thread::scope(|scope| {
        let ends = clients.iter_mut().map(|client| {
            scope.spawn(|| {
                client.event("session.shutdown");
                let told = Instant::now();
                assert_eq!(client.ended().unwrap().0, 1001);
                told
            })
        });
        let ends: Vec<_> = ends.collect();
        ends.into_iter().map(|end| end.join().unwrap()).collect()
    });
    told.sort_unstable();
    // Two at a time, ten times a second.
    let took = told[19] - told[0];
    assert!(took >= Duration::from_millis(800), "{took:?}");
    drop(clients);
    assert!(server.wait().success());
}

#[test]
fn a_server_that_is_overtaken_ends_by_itself() {
    let mut server = Process::start(set(&["node_lease=1s"]));
    let mut alice = Client::login(&server, "alice");
    let path = server.data().join("timd.db");
    let conn = rusqlite::Connection::open(path).unwrap();
    conn.busy_timeout(PATIENCE).unwrap();
    conn.execute("UPDATE schema_floor SET floor = 1000", [])
        .unwrap();
    drop(conn);
    alice.event("session.shutdown");
    assert_eq!(alice.ended().unwrap().0, 1001);
    drop(alice);
    assert_eq!(server.wait().code(), Some(1));
    let log = server.log();
    assert!(log.contains("start the newer one"), "{log}");
    assert!(!server.data().join("timd.pid").exists());
}
