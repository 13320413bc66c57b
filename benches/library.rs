//! The library alone: local calls, idling, its size.

use std::io::Write;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use tim::log::{Folder, Level, Logger, OFF};
use tim::sdk::{Client, Config};
use tim_core::Command as Call;

use crate::report::{Goal, Report, median_us};
use crate::setup::{Server, TempDir, call, read_line, resident_kib, start_role, target_dir};

/// A client without a server.
fn alone() -> Client {
    let config = Config {
        data_dir: None,
        log_dir: None,
        ..Config::new(1)
    };
    Client::start(config).expect("a client starts")
}

pub fn local(report: &mut Report) {
    if !report.wants("local") {
        return;
    }
    let mut started = Vec::new();
    let mut answered = Vec::new();
    for _ in 0..200 {
        let dir = TempDir::new("init");
        let start = Instant::now();
        let config = Config {
            data_dir: Some(dir.path().to_owned()),
            log_dir: None,
            ..Config::new(1)
        };
        let client = Client::start(config).expect("a client starts");
        started.push(start.elapsed());
        call(&client, Call::GetConversations).expect_err("nobody is logged in");
        answered.push(start.elapsed());
    }
    let goal = Goal::AtMost {
        must: 5000.0,
        aim: 200.0,
    };
    report.add("local: tim_init", "us", median_us(&mut started), None, goal);
    let goal = Goal::AtMost {
        must: 5000.0,
        aim: 1000.0,
    };
    report.add(
        "local: first answer after it",
        "us",
        median_us(&mut answered),
        None,
        goal,
    );

    let client = alone();
    let mut taken: Vec<Duration> = (0..20_000)
        .map(|_| {
            let (done, wait) = mpsc::sync_channel(1);
            let start = Instant::now();
            let told = Box::new(move |_| {
                let _ = done.send(Instant::now());
            });
            client
                .submit(Call::GetConversations, told)
                .expect("accepted");
            wait.recv().expect("a completion") - start
        })
        .collect();
    let goal = Goal::AtMost {
        must: 15.0,
        aim: 10.0,
    };
    report.add(
        "local: call to callback",
        "us",
        median_us(&mut taken),
        None,
        goal,
    );

    const CALLS: usize = 2_000_000;
    const OPEN: usize = 15_000;
    let done = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    for n in 0..CALLS {
        while n - done.load(Ordering::Relaxed) >= OPEN {
            std::thread::yield_now();
        }
        let done = done.clone();
        let told = Box::new(move |_| {
            done.fetch_add(1, Ordering::Relaxed);
        });
        client
            .submit(Call::GetConversations, told)
            .expect("accepted");
    }
    while done.load(Ordering::Relaxed) < CALLS {
        std::thread::yield_now();
    }
    let value = CALLS as f64 / start.elapsed().as_secs_f64();
    let goal = Goal::AtLeast {
        must: 300_000.0,
        aim: 1_000_000.0,
    };
    report.add("local: callbacks delivered", "a second", value, None, goal);
}

/// A line into the file, beside the bare write of as many bytes.
pub fn lines(report: &mut Report) {
    if !report.wants("lines") {
        return;
    }
    const LINES: u32 = 200_000;
    let dir = TempDir::new("log");
    let each = |line: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..LINES).for_each(|_| line());
        start.elapsed().as_secs_f64() * 1e6 / f64::from(LINES)
    };
    let text = "2026-11-21T22:50:01.123Z INFO  4711:tim-reactor core a line of the usual length\n";
    let mut options = std::fs::OpenOptions::new();
    let file = options.create(true).append(true);
    let mut file = file.open(dir.path().join("floor")).expect("a file");
    let floor = each(&mut || file.write_all(text.as_bytes()).expect("room"));

    let logger = Logger::default();
    logger.set_levels(Level::Info as i32, OFF);
    logger.open(Some(Folder::new(dir.path())));
    let write = |level| {
        each(&mut || logger.write(level, "core", format_args!("a line of the usual length")))
    };
    let (written, left_out) = (write(Level::Info), write(Level::Debug));
    assert_eq!((logger.lines(), logger.lost()), (LINES.into(), 0));
    let goal = Goal::Times {
        must: 5.0,
        aim: 3.0,
    };
    report.add(
        "lines of the log: one to the file",
        "us",
        written,
        Some(floor),
        goal,
    );
    let goal = Goal::AtMost {
        must: 0.1,
        aim: 0.01,
    };
    report.add(
        "lines of the log: one below the threshold",
        "us",
        left_out,
        None,
        goal,
    );
}

pub fn idle(report: &mut Report) {
    if !report.wants("idle") {
        return;
    }
    let server = Server::start(&[]);
    let ca = server.ca.to_string_lossy().into_owned();
    let app_id = server.app_id.to_string();
    let ticket = server.ticket("alice");
    let mut child = start_role("idle", &[&server.url, &ca, &app_id, &ticket]);
    let pid = child.id();
    assert_eq!(read_line(&mut child), "bare");
    let (bare, threads) = (resident_kib(pid), count_threads(pid));
    child
        .stdin
        .as_mut()
        .expect("a pipe")
        .write_all(b"\n")
        .expect("it listens");
    assert_eq!(read_line(&mut child), "in");
    // The worker threads end by themselves.
    std::thread::sleep(Duration::from_secs(3));
    let value = (resident_kib(pid) - bare) / 1024.0;
    let goal = Goal::AtMost {
        must: 5.0,
        aim: 4.0,
    };
    report.add(
        "idle: memory over the bare process",
        "MiB",
        value,
        None,
        goal,
    );
    let value = count_threads(pid) - threads;
    let goal = Goal::AtMost {
        must: 2.0,
        aim: 2.0,
    };
    report.add("idle: threads", "threads", value, None, goal);
    let before = count_switches(pid);
    std::thread::sleep(Duration::from_secs(20));
    let value = count_switches(pid) - before;
    // A heartbeat a minute wakes the reactor to send and to read.
    let goal = Goal::AtMost {
        must: 4.0,
        aim: 4.0,
    };
    report.add("idle: wake-ups in 20 s", "wake-ups", value, None, goal);
    drop(child.stdin.take());
    let _ = child.wait();
}

/// A process that logs in and then does nothing.
pub fn play_idle(args: &[String]) {
    let wait = || {
        std::io::stdin()
            .read_line(&mut String::new())
            .expect("a pipe")
    };
    println!("bare");
    wait();
    let dir = TempDir::new("idle");
    let config = Config {
        urls: vec![args[0].clone()],
        ca_file: Some((&args[1]).into()),
        data_dir: Some(dir.path().to_owned()),
        log_dir: None,
        ..Config::new(args[2].parse().expect("a number"))
    };
    let client = Client::start(config).expect("a client starts");
    let login = Call::Login {
        user_id: "alice".into(),
        user_sig: args[3].clone(),
    };
    call(&client, login).expect("a login");
    println!("in");
    wait();
}

fn tasks(pid: u32) -> Vec<std::path::PathBuf> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("a process");
    tasks.map(|task| task.expect("a thread").path()).collect()
}

fn count_threads(pid: u32) -> f64 {
    tasks(pid).len() as f64
}

fn count_switches(pid: u32) -> f64 {
    let switches = tasks(pid).into_iter().map(|task| {
        let status = std::fs::read_to_string(task.join("status")).unwrap_or_default();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.and_then(|count| count.trim().parse::<f64>().ok())
            .unwrap_or(0.0)
    });
    switches.sum()
}

pub fn size(report: &mut Report) {
    if !report.wants("size") {
        return;
    }
    let library = target_dir().join("dist/libtim.so");
    let bytes = std::fs::metadata(&library).expect("make build").len();
    let value = bytes as f64 / 1024.0 / 1024.0;
    let goal = Goal::AtMost {
        must: 4.0,
        aim: 3.5,
    };
    report.add("size: libtim.so", "MiB", value, None, goal);
    let ldd = Command::new("ldd").arg(&library).output().expect("ldd");
    let text = String::from_utf8_lossy(&ldd.stdout).into_owned();
    let known = ["linux-vdso", "libgcc_s", "libc.so", "libm.so", "ld-linux"];
    let foreign = text
        .lines()
        .filter(|line| !known.iter().any(|name| line.contains(name)))
        .count();
    let goal = Goal::AtMost {
        must: 0.0,
        aim: 0.0,
    };
    report.add(
        "size: needed libraries beyond libc, libm, libgcc_s",
        "files",
        foreign as f64,
        None,
        goal,
    );
}
