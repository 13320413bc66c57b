//! The real library and the real server with a network between them that misbehaves.
//!
//! In `make test` a short bad day at a proxy; in `make test-all` the long ones, which are ignored
//! here: docs/testing.md has them all. In each, pairs of people write to each other all the while, and
//! in the end everything that was written has arrived, once and in order, and everybody is back
//! within a minute of the fault's end.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod crowd;
mod nodes;
mod proxy;
mod server;
mod several;
mod space;

use std::time::{Duration, Instant};

use crowd::Crowd;
use proxy::Proxy;
use server::ServerProcess;
use space::Space;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Not a test: the server that others start, and may kill.
#[test]
#[ignore = "run by the tests that want a server in a process of its own"]
fn server_process() {
    server::serve_if_asked();
}

#[test]
fn a_short_bad_day() {
    let server = timd::testing::start().unwrap();
    let proxy = Proxy::to(server.addr());
    let mut crowd = Crowd::new(6, |config| {
        config.app_id = server.app_id();
        config.urls = vec![format!("wss://localhost:{}", proxy.port())];
        config.ca_file = server.ca_path().map(Into::into);
        // A client that hears nothing notices it sooner.
        config.request_timeout = s(2);
    });
    crowd.login(|user| server.usersig(user, 3600));
    crowd.talk(s(1), 20);
    let all_come_back = |crowd: &mut Crowd, fault: &str, begin: &dyn Fn()| {
        let before = crowd.connections();
        begin();
        crowd.talk(s(1), 10);
        crowd.settle();
        println!("{fault}: {} connections", crowd.connections() - before);
        crowd.connections() - before
    };

    let came = all_come_back(&mut crowd, "a reset, and then byte by byte", &|| {
        proxy.bytes_at_a_time(1);
        proxy.reset();
    });
    assert!(came >= 6, "{came} of 6 came back");
    proxy.bytes_at_a_time(usize::MAX);

    proxy.stall(true);
    crowd.talk(s(1), 10);
    proxy.stall(false);
    crowd.settle();

    // Who is connected is not heard any more and hears nothing; who comes again is.
    let came = all_come_back(&mut crowd, "silence", &|| proxy.forget());
    assert!(came >= 6, "{came} of 6 came back");

    let came = all_come_back(&mut crowd, "a reset, and then a delay", &|| {
        proxy.delay(Duration::from_millis(150));
        proxy.reset();
    });
    assert!(came >= 6, "{came} of 6 came back");
}

#[test]
#[ignore = "takes a minute: make test-all"]
fn two_seconds_of_delay() {
    let server = timd::testing::start().unwrap();
    let proxy = Proxy::to(server.addr());
    proxy.delay(s(1));
    let mut crowd = Crowd::new(20, |config| {
        config.app_id = server.app_id();
        config.urls = vec![format!("wss://localhost:{}", proxy.port())];
        config.ca_file = server.ca_path().map(Into::into);
    });
    crowd.login(|user| server.usersig(user, 3600));
    let before = crowd.connections();
    crowd.talk(s(20), 5);
    crowd.settle();
    assert_eq!(crowd.connections(), before, "a delay is no reason to leave");
}

#[test]
#[ignore = "takes a minute: make test-all"]
fn a_server_killed_while_200_talk() {
    let mut server = ServerProcess::start(None);
    let mut crowd = Crowd::new(200, |config| server.reach(config));
    crowd.login(|user| server.sig(user));
    for down in [1, 5] {
        crowd.talk(s(4), 1);
        server.kill();
        crowd.talk(s(down), 1);
        server.restart();
        crowd.settle();
    }
}

#[test]
#[ignore = "takes a minute, needs network namespaces: make test-all"]
fn thirty_percent_loss() {
    Space::run("thirty_percent_loss", |space| {
        let (_server, mut crowd) = space.crowd(20);
        crowd.talk(s(3), 2);
        space.lose(30);
        crowd.talk(s(30), 2);
        space.lose(0);
        crowd.settle();
    });
}

#[test]
#[ignore = "takes two minutes, needs network namespaces: make test-all"]
fn a_cable_pulled_for_a_minute() {
    Space::run("a_cable_pulled_for_a_minute", |space| {
        let (_server, mut crowd) = space.crowd(20);
        crowd.talk(s(3), 2);
        space.pull(true);
        crowd.talk(s(60), 2);
        let before = crowd.connections();
        space.pull(false);
        crowd.settle();
        assert!(crowd.connections() > before, "nobody had to come back");
    });
}

#[test]
#[ignore = "takes a minute, needs network namespaces: make test-all"]
fn a_nat_that_forgets() {
    Space::run("a_nat_that_forgets", |space| {
        let (_server, mut crowd) = space.crowd(20);
        crowd.talk(s(3), 2);
        let before = crowd.connections();
        space.forget();
        let start = Instant::now();
        crowd.settle();
        println!(
            "everybody is on a new connection after {:?}",
            start.elapsed()
        );
        assert!(
            crowd.connections() >= before + 20,
            "an old one still worked"
        );
    });
}
