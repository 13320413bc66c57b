//! Builds the C programs in `tests/c` against the shared library and runs them: alone, in both
//! callback modes, and against a server in this process.
//!
//! `TIM_TEST_CFLAGS` adds flags for the compiler (a sanitizer), `TIM_TEST_RUNNER` a program to run
//! them in (valgrind). `TIM_TEST_BUILT` is another library than the one that was built along, for
//! another processor, with `TIM_TEST_CC` and `TIM_TEST_CXX`, compilers for it, and an emulator as the
//! runner.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, mpsc};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use protocol::conversation::ConvId;
use protocol::message::{Content, Elem, LocalCustom, TextElem};
use protocol::usersig;
use tim::sdk::{Client, Config};
use tim_core::Reply;
use timd::testing::TestServer;

use crate::socks::{Manner, Proxy};
use crate::support::bot::Bot;

#[allow(dead_code)]
mod socks;
mod support;

/// The folder of the library, with the names that a linker and a loader look for.
fn library() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let built = match std::env::var_os("TIM_TEST_BUILT") {
            Some(path) => path.into(),
            None => test.parent().unwrap().join("libtim.so"),
        };
        let folder = scratch("lib");
        for name in ["libtim.so", "libtim.so.0"] {
            // A process of this number may have left one.
            let _ = std::fs::remove_file(folder.join(name));
            std::os::unix::fs::symlink(&built, folder.join(name)).unwrap();
        }
        folder
    })
}

/// A new folder below the build's temporary one.
fn scratch(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ffi-{}", std::process::id()));
    let folder = root.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn extra(variable: &str) -> Vec<String> {
    let text = std::env::var(variable).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

fn run_to_end(command: &mut Command, what: &str) {
    let output = command.output().unwrap_or_else(|e| panic!("{what}: {e}"));
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "{what}: {}\n{out}{err}",
        output.status
    );
    // Seen with --nocapture.
    print!("{out}");
}

fn build(name: &str) -> PathBuf {
    let compiler = compiler(["TIM_TEST_CC", "CC"], "gcc");
    build_by(&compiler, "gnu11", "c", name)
}

fn compiler(variables: [&str; 2], otherwise: &str) -> String {
    let named = variables.into_iter().find_map(|v| std::env::var(v).ok());
    named.unwrap_or_else(|| otherwise.into())
}

fn build_by(compiler: &str, standard: &str, ending: &str, name: &str) -> PathBuf {
    // Tests of one process may build the same program at the same time.
    static BUILDS: AtomicUsize = AtomicUsize::new(0);
    let build = BUILDS.fetch_add(1, Ordering::Relaxed);
    let program = scratch(&format!("bin-{build}")).join(name);
    let mut compiler = Command::new(compiler);
    compiler
        .arg(format!("-std={standard}"))
        .args(["-Wall", "-Wextra", "-Werror", "-g", "-O1", "-pthread"])
        .args(extra("TIM_TEST_CFLAGS"))
        .arg("-I")
        .arg(workspace("include"))
        .arg(workspace("tests/c").join(name).with_extension(ending))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(library())
        .args(["-ltim", "-ldl"]);
    run_to_end(&mut compiler, &format!("compiling {name}.{ending}"));
    program
}

fn sig(app: u64, user: &str, key: &str, time: u64) -> String {
    usersig::mint(key, app, user, time, 86_400, None)
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// Runs a program with what it needs to know of `app` in the environment.
fn run(program: &Path, mode: &str, app: u64, key: &str, server: &[(&str, String)]) {
    let name = program.file_name().unwrap().to_str().unwrap();
    let online = if server.is_empty() { "alone" } else { "online" };
    let folder = scratch(&format!("{name}-{mode}-{online}"));
    let mut command = command(program, &folder, mode, app, key, server);
    run_to_end(&mut command, &format!("{name} in {mode} mode, {online}"));
    std::fs::remove_dir_all(folder).unwrap();
}

fn command(
    program: &Path,
    folder: &Path,
    mode: &str,
    app: u64,
    key: &str,
    server: &[(&str, String)],
) -> Command {
    let mut words = extra("TIM_TEST_RUNNER");
    words.push(program.display().to_string());
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .env("LD_LIBRARY_PATH", library())
        .env("TIM_TEST_LIBRARY", library().join("libtim.so.0"))
        .env("TIM_TEST_DIR", folder)
        .env("TIM_TEST_MODE", mode)
        .env("TIM_TEST_APP", app.to_string())
        .env("TIM_TEST_KEY", key)
        .env("TIM_TEST_SIG", sig(app, "alice", key, now()))
        .env(
            "TIM_TEST_EXPIRED_SIG",
            sig(app, "alice", key, now() - 100_000),
        )
        .env("TIM_TEST_OTHER_APP_SIG", sig(app + 1, "alice", key, now()))
        .env(
            "TIM_TEST_OTHER_KEY_SIG",
            sig(app, "alice", "another key", now()),
        )
        .env_remove("TIM_SERVER_URL")
        .env_remove("TIM_SERVER_CA")
        .envs(server.iter().map(|(name, value)| (name, value)));
    command
}

fn alone(name: &str) {
    let program = build(name);
    for mode in ["thread", "poll"] {
        run(&program, mode, 1, "key", &[]);
    }
}

fn online(name: &str) {
    let program = build(name);
    for mode in ["thread", "poll"] {
        let server = timd::testing::start().unwrap();
        let environment = environment(&server);
        register("bob", &server);
        run(&program, mode, server.app_id(), server.key(), &environment);
    }
}

fn environment(server: &TestServer) -> [(&'static str, String); 3] {
    let ca = server.ca_path().unwrap().display().to_string();
    [
        ("TIM_SERVER_URL", server.url()),
        ("TIM_SERVER_CA", ca),
        ("TIM_TEST_ONLINE", "1".into()),
    ]
}

/// The first login makes the account.
fn register(user: &str, server: &TestServer) {
    visit(user, server, tim_core::Command::GetTotalUnread);
}

/// Logs in on a new device, makes a call, logs out.
fn visit(user: &str, server: &TestServer, call: tim_core::Command) -> Reply {
    let mut config = Config::new(server.app_id());
    config.urls = vec![server.url()];
    config.ca_file = server.ca_path().map(Path::to_owned);
    config.data_dir = None;
    config.log_dir = None;
    let client = Client::start(config).unwrap();
    let complete = |command| {
        let (done, result) = mpsc::channel();
        client
            .submit(command, Box::new(move |result| drop(done.send(result))))
            .unwrap();
        let result = result.recv_timeout(Duration::from_secs(30)).unwrap();
        result.unwrap()
    };
    complete(tim_core::Command::Login {
        user_id: user.into(),
        user_sig: server.usersig(user, 60),
    });
    let mut reply = complete(call.clone());
    // The device may not have caught up yet when the login is through.
    let end = Instant::now() + Duration::from_secs(30);
    while reply == Reply::Messages(Vec::new()) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
        reply = complete(call.clone());
    }
    complete(tim_core::Command::Logout);
    client.stop();
    reply
}

#[test]
fn before_init_and_after_uninit() {
    // What all functions of the ledger answer then is tried by the Python package's tests.
    alone("before");
}

#[test]
fn eight_threads_call_everything() {
    let ledger = std::fs::read_to_string(workspace("include/symbols.txt")).unwrap();
    let program = std::fs::read_to_string(workspace("tests/c/threads.c")).unwrap();
    for line in ledger.lines().filter(|l| !l.starts_with('#')) {
        let name = line.split(' ').next().unwrap();
        let is_there = program.contains(&format!("CALL({name})"));
        assert!(is_there, "threads.c has no line for {name}");
    }
    // valgrind runs one thread at a time; the sanitizers see more.
    if extra("TIM_TEST_RUNNER").is_empty() {
        online("threads");
    }
}

#[test]
fn bad_input() {
    alone("input");
}

#[test]
fn bad_input_while_logged_in() {
    online("input");
}

#[test]
fn init_and_uninit() {
    alone("lifecycle");
}

#[test]
fn listeners() {
    alone("listeners");
}

#[test]
fn poll_mode() {
    alone("poll");
}

#[test]
fn exit_while_busy() {
    alone("exit_busy");
}

#[test]
fn the_end_in_an_exit_handler() {
    let program = build("at_exit");
    for mode in ["thread", "poll"] {
        let folder = scratch(&format!("at_exit-{mode}"));
        let output = command(&program, &folder, mode, 1, "key", &[])
            .output()
            .unwrap();
        let (out, err) = (output.stdout, String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "{mode}: {err}");
        assert_eq!(String::from_utf8(out).unwrap(), "ended\n");
        // A sanitizer or valgrind may say something of its own.
        assert!(!err.contains("panicked"), "{mode}: {err}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn unloading() {
    alone("unload");
}

#[test]
fn fork() {
    alone("forked");
}

#[test]
fn a_session_at_a_server() {
    online("online");
}

#[test]
fn messages_of_this_device() {
    online("local");
}

#[test]
fn what_was_said_is_found() {
    online("search");
}

#[test]
fn messages_after_they_were_sent() {
    with_bot("change");
}

#[test]
fn receive_options() {
    with_bot("receive");
}

fn with_bot(name: &str) {
    let program = build(name);
    for mode in ["thread", "poll"] {
        let server = timd::testing::start().unwrap();
        let _bot = Bot::start(&server);
        for user in ["bob", "carol"] {
            register(user, &server);
        }
        let (app, key) = (server.app_id(), server.key());
        run(&program, mode, app, key, &environment(&server));
    }
}

#[test]
fn groups() {
    let program = build("groups");
    for mode in ["thread", "poll"] {
        let server = timd::testing::start().unwrap();
        let _bot = Bot::start(&server);
        register("bob", &server);
        let (app, key) = (server.app_id(), server.key());
        run(&program, mode, app, key, &environment(&server));
    }
}

#[test]
fn conversations() {
    online("conversations");
}

#[test]
fn everything_is_read_at_once() {
    let server = timd::testing::start().unwrap();
    register("alice", &server);
    let content = Content {
        elems: vec![Elem::Text(TextElem {
            content: "hello".into(),
        })],
        rand: 1,
        ..Content::default()
    };
    let hello = tim_core::Command::Send {
        conv: ConvId::c2c("alice"),
        msg_id: "bob-1".into(),
        content,
        local: LocalCustom::default(),
    };
    visit("bob", &server, hello);
    let program = build("read_all");
    let (app, key) = (server.app_id(), server.key());
    run(&program, "thread", app, key, &environment(&server));
}

#[test]
fn a_program_with_the_names_of_the_other_library() {
    // A sanitizer has to be the one that the library was built with.
    let compiler = compiler(["TIM_TEST_CXX", "CXX"], "g++");
    let program = build_by(&compiler, "c++11", "cpp", "vendor");
    let server = timd::testing::start().unwrap();
    let (app, key) = (server.app_id(), server.key());
    run(&program, "thread", app, key, &environment(&server));
}

#[test]
fn the_log() {
    alone("log");
}

#[test]
fn lines_on_the_console() {
    let program = build("console");
    for mode in ["thread", "poll"] {
        let folder = scratch(&format!("console-{mode}"));
        let output = command(&program, &folder, mode, 1, "key", &[])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        let said = String::from_utf8(output.stderr).unwrap();
        let mut lines: Vec<&str> = said.lines().collect();
        for (text, times) in [(":on:", 4), (":off:", 0)] {
            let found = lines.iter().filter(|line| line.contains(text)).count();
            assert_eq!(found, times, "{text} in:\n{said}");
        }
        // The library's own lines are there, too, and none is there twice.
        let all = lines.len();
        assert!(said.contains(" sdk stopped\n"), "{said}");
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), all, "{said}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_second_completion_is_noticed() {
    let program = build("twice");
    let folder = scratch("twice");
    let output = command(&program, &folder, "thread", 1, "key", &[])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("calls is 2 and should be 1"), "{said}");
}

#[test]
fn no_secret_in_the_log_of_a_session() {
    online("log");
}

#[test]
fn a_full_table_of_calls() {
    alone("full");
}

#[test]
fn internal_operations() {
    alone("experimental");
    let program = build("experimental");
    for mode in ["thread", "poll"] {
        let server = timd::testing::start().unwrap();
        register("bob", &server);
        let mut environment = environment(&server).to_vec();
        environment.push(("TIM_TEST_URL", server.url()));
        run(&program, mode, server.app_id(), server.key(), &environment);
    }
}

#[test]
fn suspending_and_other_networks() {
    alone("suspend");
    online("suspend");
}

#[test]
fn settings_of_a_session() {
    let program = build("settings");
    for mode in ["thread", "poll"] {
        let server = timd::testing::start().unwrap();
        register("bob", &server);
        let url = server.url();
        let port = url.rsplit(':').next().unwrap().split('/').next().unwrap();
        let proxy = Proxy::start(Manner {
            login: Some(("user", "open sesame")),
            leads_to: Some(port.parse().unwrap()),
            ..Manner::default()
        });
        let mut environment = environment(&server).to_vec();
        environment.push(("TIM_TEST_PROXY", proxy.port().to_string()));
        // Only the proxy leads anywhere from there.
        environment.push(("TIM_SERVER_URL", "wss://localhost:1/v1".into()));
        run(&program, mode, server.app_id(), server.key(), &environment);
        assert_eq!(proxy.asked(), "localhost");
    }
}

/// Starts a program that stops at words: its input, and the lines that it says.
fn converse(command: &mut Command) -> (Child, ChildStdin, Lines<BufReader<ChildStdout>>) {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (tell, hear) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    (child, tell, BufReader::new(hear).lines())
}

#[test]
fn a_full_outbox() {
    // Ten thousand messages take valgrind minutes; the other programs show it all that they do.
    if !extra("TIM_TEST_RUNNER").is_empty() {
        return;
    }
    let program = build("full");
    let mut server = timd::testing::start().unwrap();
    register("bob", &server);
    let folder = scratch("full-online");
    let (app, key) = (server.app_id(), server.key());
    let mut command = command(&program, &folder, "thread", app, key, &environment(&server));
    let (mut child, mut tell, mut said) = converse(&mut command);
    assert_eq!(said.next().unwrap().unwrap(), "in");
    server.stop();
    tell.write_all(b"\n").unwrap();
    assert_eq!(said.next().unwrap().unwrap(), "full");
    server.restart().unwrap();
    tell.write_all(b"\n").unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_killed_process_sends_after_its_next_login() {
    let program = build("killed");
    for mode in ["thread", "poll"] {
        let mut server = timd::testing::start().unwrap();
        register("bob", &server);
        let folder = scratch(&format!("killed-{mode}"));
        let run = |server: &TestServer, part: &str| {
            let (app, key) = (server.app_id(), server.key());
            let environment = environment(server);
            let mut command = command(&program, &folder, mode, app, key, &environment);
            command.arg(part);
            command
        };
        let (mut first, mut tell, mut said) = converse(&mut run(&server, "send"));
        assert_eq!(said.next().unwrap().unwrap(), "in");
        run_to_end(&mut run(&server, "rival"), "a second process");
        server.stop();
        tell.write_all(b"\n").unwrap();
        assert_eq!(said.next().unwrap().unwrap(), "stored");
        // SIGKILL.
        first.kill().unwrap();
        first.wait().unwrap();
        server.restart().unwrap();
        run_to_end(&mut run(&server, "again"), "the process after it");
        let param = serde_json::from_str(r#"{"msg_getmsglist_param_is_ramble":true}"#).unwrap();
        let conv = ConvId::c2c("alice");
        let reply = visit("bob", &server, tim_core::Command::GetMessages(conv, param));
        let Reply::Messages(messages) = reply else {
            panic!("not messages");
        };
        let texts = messages.iter().map(|m| match &m.content.elems[..] {
            [Elem::Text(text)] => text.content.clone(),
            _ => panic!("not a text"),
        });
        assert_eq!(texts.collect::<Vec<_>>(), ["three", "two", "one"]);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
