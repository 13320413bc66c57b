//! The programs in `tests/windows`, by Wine, against a server on this machine: what Windows has of
//! its own, and C by the list of the scenarios.
//!
//! `scripts/windows.sh test` runs this, with `TIM_WINDOWS`, the folder of the libraries.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use timd::testing::{TempDir, TestServer};

use support::bot::{self, Bot};

mod support;

/// Only what hangs takes so long.
const LONG: Duration = Duration::from_secs(120);

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The libraries, as `scripts/windows.sh install` leaves them.
fn package() -> PathBuf {
    let folder = std::env::var_os("TIM_WINDOWS").expect("TIM_WINDOWS, the folder of the libraries");
    PathBuf::from(folder)
}

fn run(command: &mut Command) -> String {
    let began = Instant::now();
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    let status = output.status;
    assert!(status.success(), "{command:?}: {status}\n{out}{err}");
    assert!(began.elapsed() < LONG, "{command:?} took too long");
    out
}

/// A folder of programs, with the DLL beside them.
struct Programs(TempDir);

impl Programs {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::copy(package().join("bin/tim.dll"), folder.path().join("tim.dll")).unwrap();
        Self(folder)
    }

    /// Compiles `tests/windows/SOURCE` and whatever else is named.
    fn build(&self, name: &str, sources: &[&str], flags: &[&str]) -> PathBuf {
        let program = self.0.path().join(name);
        let sources = sources.iter().map(|source| workspace(source));
        run(Command::new("x86_64-w64-mingw32-gcc")
            .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-O1"])
            .arg("-I")
            .arg(package().join("include"))
            .args(sources)
            .arg("-o")
            .arg(&program)
            .arg("-L")
            .arg(self.0.path())
            .args(flags)
            .arg("-L")
            .arg(package().join("lib"))
            .arg("-ltim"));
        program
    }
}

/// Runs a program as the user `user`, in an empty folder.
fn start(server: &TestServer, program: &Path, arguments: &[&str], user: &str) {
    start_with(server, program, arguments, user, &server.ca_path().unwrap());
}

fn start_with(
    server: &TestServer,
    program: &Path,
    arguments: &[&str],
    user: &str,
    ca: &dyn AsRef<Path>,
) {
    let folder = TempDir::new().unwrap();
    run(Command::new("timeout")
        .arg(LONG.as_secs().to_string())
        .arg(workspace("scripts/windows.sh"))
        .arg("run")
        .arg(program)
        .args(arguments)
        .env("TIM_SERVER_URL", server.url())
        .env("TIM_SERVER_CA", ca.as_ref())
        .env("TIM_DIR", folder.path())
        .env("TIM_APP_ID", server.app_id().to_string())
        .env("TIM_USER", user)
        .env("TIM_USER_SIG", server.usersig(user, 3600))
        .env("TIM_BOT", bot::NAME)
        .env("TIM_TEST_CA", server.ca_path().unwrap()));
}

#[test]
#[ignore = "by Wine: make test-windows"]
fn callbacks_in_the_message_loop_of_the_thread_of_init() {
    let programs = Programs::new();
    let server = timd::testing::start_with(|config| config.requests_per_second = 100_000).unwrap();
    let _bot = Bot::start(&server);
    let source = ["tests/windows/loop.c"];
    let windowed = programs.build("windowed.exe", &source, &["-mwindows"]);
    start(&server, &windowed, &[], "windowed");
    let console = programs.build("console.exe", &source, &[]);
    start(&server, &console, &["window"], "said");
    start(&server, &console, &["own-window"], "owner");
}

#[test]
#[ignore = "by Wine: make test-windows"]
fn a_program_with_a_console_and_its_files() {
    let programs = Programs::new();
    let server = timd::testing::start().unwrap();
    let plain = programs.build("plain.exe", &["tests/windows/plain.c"], &[]);
    start(&server, &plain, &[], "plain");
}

#[test]
#[ignore = "by Wine: make test-windows"]
fn every_way_to_leave() {
    let programs = Programs::new();
    let server = timd::testing::start().unwrap();
    programs.build("detach.dll", &["tests/windows/detach.c"], &["-shared"]);
    let leave = programs.build("leave.exe", &["tests/windows/leave.c"], &["-ldetach"]);
    for how in ["exit", "return", "quick"] {
        for _ in 0..3 {
            start(&server, &leave, &[how], how);
        }
    }
    let unload = programs.build("unload.exe", &["tests/windows/unload.c"], &[]);
    start(&server, &unload, &[], "unload");
}

#[test]
#[ignore = "by Wine: make test-windows"]
fn certificates_of_the_system() {
    let programs = Programs::new();
    let server = timd::testing::start().unwrap();
    let flags = ["-lcrypt32"];
    let roots = programs.build("roots.exe", &["tests/windows/roots.c"], &flags);
    start_with(&server, &roots, &[], "roots", &"");
}
