//! What a message costs its receiver in each language of the bindings, beside plain C.
//!
//! Each is a program of its own that logs in, gets the same number of messages that wait at the server,
//! and looks at sender and text of each, all in poll mode. It prints CPU nanoseconds per message: of
//! its thread inside `tim_poll`, where libtim makes the JSON and the language reads it, and of the whole
//! process, from before `tim_init` until the last message.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;

use crate::report::{Goal, Report};
use crate::setup::{Server, TempDir, built, send, target_dir};

const MESSAGES: usize = 20_000;
/// Times that each runs; the median counts.
const TIMES: usize = 3;

struct Receiver {
    name: &'static str,
    program: Vec<String>,
    /// How many times plain C the process may take.
    goal: Goal,
}

pub fn messages(report: &mut Report) {
    if !report.wants("wrappers") {
        return;
    }
    let folder = TempDir::new("wrappers");
    let library = target_dir().join("dist/libtim.so");
    for name in ["libtim.so", "libtim.so.0"] {
        std::os::unix::fs::symlink(&library, folder.path().join(name)).expect("a link");
    }
    assert!(library.exists() && built("timd").exists(), "make build");
    let receivers = receivers(folder.path());
    let server = Server::start(&[]);
    let run = |receiver: usize, time: usize, messages: usize| {
        let user = format!("user-{receiver}-{time}");
        receive(
            &server,
            &receivers[receiver],
            folder.path(),
            &user,
            messages,
        )
    };
    let all = || (0..receivers.len()).flat_map(|r| (0..TIMES).map(move |t| (r, t)));
    // Who was never here gets no messages by the callback, so each comes once before.
    for (receiver, time) in all() {
        run(receiver, time, 0);
    }
    let sender = server.logged_in("sender", None);
    let mut under_way = VecDeque::new();
    for (receiver, time) in all() {
        for _ in 0..MESSAGES {
            let (done, wait) = mpsc::sync_channel(1);
            let user = format!("user-{receiver}-{time}");
            send(&sender, &user, move |result| {
                done.send(result.map(drop)).expect("somebody waits");
            });
            under_way.push_back(wait);
            if under_way.len() > 1000 {
                arrived(under_way.pop_front());
            }
        }
    }
    for wait in under_way {
        arrived(Some(wait));
    }
    let mut figures = vec![Vec::new(); receivers.len()];
    // In turns, so that a mood of the machine meets all of them.
    for time in 0..TIMES {
        for (receiver, figures) in figures.iter_mut().enumerate() {
            figures.extend(run(receiver, time, MESSAGES));
        }
    }
    let median = |of: &[(f64, f64)], which: fn(&(f64, f64)) -> f64| {
        let mut all: Vec<f64> = of.iter().map(which).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2] / 1000.0
    };
    let plain = (median(&figures[0], |f| f.0), median(&figures[0], |f| f.1));
    for (receiver, figures) in receivers.iter().zip(&figures) {
        let name = receiver.name;
        report.add(
            &format!("{name}: CPU of a message, process"),
            "us",
            median(figures, |f| f.1),
            Some(plain.1),
            receiver.goal,
        );
        report.add(
            &format!("{name}: CPU of a message, in tim_poll"),
            "us",
            median(figures, |f| f.0),
            Some(plain.0),
            Goal::None,
        );
    }
}

fn arrived(wait: Option<mpsc::Receiver<Result<(), protocol::Error>>>) {
    if let Some(wait) = wait {
        wait.recv().expect("an outcome").expect("sent");
    }
}

fn receivers(folder: &Path) -> Vec<Receiver> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let at = |path: &str| root.join(path).display().to_string();
    let compiled = |compiler: &str, flags: &[&str], source: &str| {
        let program = folder.join(source.replace(['/', '.'], "-"));
        let mut command = Command::new(compiler);
        command.args(flags).arg("-O2").arg(at(source)).arg("-o");
        command.arg(&program).arg("-L").arg(folder).arg("-ltim");
        let include = ["include", "bindings/cpp", "examples/c"].map(|f| format!("-I{}", at(f)));
        let status = command.args(include).status().expect("a compiler");
        assert!(status.success(), "{command:?}");
        vec![program.display().to_string()]
    };
    vec![
        Receiver {
            name: "plain C",
            program: compiled("gcc", &["-std=c99"], "benches/wrappers/receive.c"),
            goal: Goal::None,
        },
        Receiver {
            name: "C++",
            program: compiled("g++", &["-std=c++17"], "benches/wrappers/receive.cpp"),
            goal: Goal::Times {
                must: 1.1,
                aim: 1.0,
            },
        },
        Receiver {
            name: "C#, on Mono",
            program: csharp(root, folder),
            goal: Goal::Times {
                must: 2.0,
                aim: 1.5,
            },
        },
        Receiver {
            name: "Python, bare ctypes and json",
            program: python(root, "ctypes-json"),
            goal: Goal::None,
        },
        Receiver {
            name: "Python",
            program: python(root, "listener"),
            goal: Goal::None,
        },
    ]
}

fn csharp(root: &Path, folder: &Path) -> Vec<String> {
    let mut build = Command::new(root.join("scripts/csharp.sh"));
    let status = build.arg("build").arg(folder).status();
    let is_built = status.expect("a script").success();
    assert!(is_built, "Mono is missing: scripts/setup.sh csharp");
    vec![
        "mono".into(),
        folder.join("receive.exe").display().to_string(),
    ]
}

fn python(root: &Path, kind: &str) -> Vec<String> {
    let bench: PathBuf = root.join("bindings/python/bench.py");
    [
        "python3".into(),
        bench.display().to_string(),
        "--receive".into(),
        kind.into(),
    ]
    .into()
}

/// The two figures that a program prints; none when it gets no messages.
fn receive(
    server: &Server,
    receiver: &Receiver,
    folder: &Path,
    user: &str,
    messages: usize,
) -> Option<(f64, f64)> {
    let mut command = Command::new(&receiver.program[0]);
    command
        .args(&receiver.program[1..])
        .env("LD_LIBRARY_PATH", folder)
        .env("TIM_LIBRARY_PATH", folder.join("libtim.so.0"))
        .env("TIM_BENCH_COUNT", messages.to_string())
        .env("TIM_BENCH_DATA", folder.join(user))
        .env("TIM_SERVER_URL", &server.url)
        .env("TIM_SERVER_CA", &server.ca)
        .env("TIM_APP_ID", server.app_id.to_string())
        .env("TIM_USER", user)
        .env("TIM_USER_SIG", server.ticket(user));
    let output = command.output().expect("a receiver starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", receiver.name);
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut figures = printed.split_whitespace().map(|f| f.parse::<f64>());
    match (figures.next(), figures.next()) {
        (Some(Ok(inside)), Some(Ok(process))) => Some((inside, process)),
        _ => {
            assert_eq!(messages, 0, "{}: {printed}{error}", receiver.name);
            None
        }
    }
}
