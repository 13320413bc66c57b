//! Many connections: what an idle one costs the server, and how they come back.

use std::time::{Duration, Instant};

use protocol::{frame, session};
use tungstenite::Message;

use crate::floor::{Echo, Tls, metric};
use crate::report::{Goal, Report};
use crate::setup::{Server, resident_kib};

const IDLE: usize = 10_000;
const STORM: usize = 2_000;

pub fn memory(report: &mut Report) {
    if !report.wants("memory") {
        return;
    }
    raise_file_limit();
    let server = Server::start(&["--set", "max_connections_per_address=20000"]);
    // What the first connections bring with them is not theirs.
    let warm: Vec<_> = (0..200)
        .map(|n| thin(&server, &format!("warm{n}")))
        .collect();
    let before = resident_kib(server.pid());
    let held: Vec<_> = (0..IDLE)
        .map(|n| thin(&server, &format!("user{n}")))
        .collect();
    let after = resident_kib(server.pid());
    drop((warm, held));
    let value = (after - before) / IDLE as f64;
    let goal = Goal::AtMost {
        must: 20.0,
        aim: 16.0,
    };
    report.add(
        "server memory per idle logged-in connection",
        "KiB",
        value,
        None,
        goal,
    );

    let echo = Echo::start();
    let warm: Vec<_> = (0..50).map(|_| echo.connect()).collect();
    let before = resident_kib(echo.pid());
    let held: Vec<_> = (0..1000).map(|_| echo.connect()).collect();
    let floor = (resident_kib(echo.pid()) - before) / 1000.0;
    drop((warm, held));
    report.add(
        "floor: bare rustls + tungstenite, thread each",
        "KiB",
        floor,
        None,
        Goal::None,
    );
}

/// A client that only logs in.
fn thin(server: &Server, user: &str) -> tungstenite::WebSocket<Tls> {
    let mut socket = crate::floor::connect_to(server);
    let login = session::LoginReq {
        app_id: server.app_id,
        user_id: user.into(),
        user_sig: server.ticket(user),
        device_id: user.into(),
        platform: 0,
        version: "bench".into(),
        features: 0,
        resume: false,
        user_data: String::new(),
        place: 0,
    };
    let text = frame::write_request(1, "session.login", &login);
    socket.send(Message::text(text)).expect("a login");
    let answer = socket.read().expect("an answer").into_text().expect("text");
    assert!(answer.contains("\"code\":0"), "{answer}");
    socket
}

pub fn storm(report: &mut Report) {
    if !report.wants("storm") {
        return;
    }
    raise_file_limit();
    let echo = Echo::start();
    let start = Instant::now();
    for _ in 0..STORM {
        drop(echo.connect());
    }
    let floor = start.elapsed().as_secs_f64();

    let mut server = Server::start(&["--set", "max_connections_per_address=20000"]);
    let clients: Vec<_> = (0..STORM)
        .map(|n| server.logged_in(&format!("user{n}"), None))
        .collect();
    server.restart();
    let start = Instant::now();
    // How many were back when.
    let mut back = vec![(0.0, 0)];
    while back.last().is_none_or(|(_, logins)| *logins < STORM as u64) {
        let logins = metric(&server, "timd_logins_total{outcome=\"ok\"}");
        back.push((start.elapsed().as_secs_f64(), logins));
        let in_time = start.elapsed() < Duration::from_secs(120);
        assert!(in_time, "only {logins} are back");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(clients);
    let value = back.last().map_or(0.0, |(at, _)| *at);
    // Between two looks that are a second apart, or more when the server had no time to answer.
    let peak = back
        .iter()
        .filter_map(|(at, logins)| {
            let later = back.iter().find(|(then, _)| *then >= at + 1.0);
            let (then, total) = later.or(back.last())?;
            Some((total - logins) as f64 / (then - at).max(1.0))
        })
        .fold(0.0, f64::max);
    let goal = Goal::Times {
        must: 2.0,
        aim: 1.3,
    };
    report.add(
        "2,000 clients back after a restart (storm)",
        "s",
        value,
        Some(floor),
        goal,
    );
    report.add(
        "logins in its busiest second; timd's bound is 2,000",
        "1/s",
        peak,
        None,
        Goal::AtMost {
            must: 2_000.0,
            aim: 2_000.0,
        },
    );
}

fn raise_file_limit() {
    let most = rlimit::increase_nofile_limit(65_536).expect("a limit");
    assert!(
        most > 12_000,
        "too few files may be open ({most}): raise `ulimit -n`"
    );
}
