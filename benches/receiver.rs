//! Bob: a client in a process of its own, as in life, that says when messages arrived.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, SystemTime};

use tim::sdk::{Client, Config};
use tim_core::Command as Call;

use crate::setup::{Server, call, start_role};

/// The clock that both processes read.
pub fn now() -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.expect("a clock after 1970")
}

/// The process, as its parent sees it.
pub struct Receiver {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Receiver {
    /// Logs bob in. He reports the arrival of every `every`th message.
    pub fn start(server: &Server, storage: Option<&Path>, every: u64) -> Self {
        let storage = storage.map_or_else(String::new, |path| path.display().to_string());
        let mut child = start_role(
            "receiver",
            &[
                &server.url,
                &server.ca.display().to_string(),
                &server.app_id.to_string(),
                &server.ticket("bob"),
                &storage,
                &every.to_string(),
            ],
        );
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut receiver = Self { child, lines };
        assert_eq!(receiver.line(), "ready");
        receiver
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a pipe");
        line.trim().to_owned()
    }

    /// When the next message to be reported arrived.
    pub fn arrival(&mut self) -> Duration {
        let line = self.line();
        Duration::from_nanos(line.parse().expect("the receiver goes on"))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process itself.
pub fn play(args: &[String]) {
    let [url, ca, app_id, user_sig, storage, every] = args else {
        panic!("wrong arguments");
    };
    let every: u64 = every.parse().expect("a number");
    let config = Config {
        urls: vec![url.clone()],
        ca_file: Some(PathBuf::from(ca)),
        data_dir: (!storage.is_empty()).then(|| PathBuf::from(storage)),
        log_dir: None,
        ..Config::new(app_id.parse().expect("a number"))
    };
    let client = Client::start(config).expect("a client starts");
    let last = Mutex::new(0);
    client.listeners().on_new_messages(move |messages| {
        let now = now();
        let mut last = last.lock().expect("one callback at a time");
        for message in messages {
            assert_eq!(message.seq, *last + 1, "in order, none lost");
            *last = message.seq;
            if message.seq % every == 0 {
                println!("{}", now.as_nanos());
            }
        }
    });
    let login = Call::Login {
        user_id: "bob".into(),
        user_sig: user_sig.clone(),
    };
    call(&client, login).expect("a login");
    println!("ready");
    std::io::stdout().flush().expect("a pipe");
    // Until the parent kills it, or is gone.
    let (_end, wait) = mpsc::channel::<()>();
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let _ = wait.recv();
}
