//! Clients of the safe facade, and a server for them.
#![allow(dead_code)]

pub mod bot;

use std::sync::mpsc;
use std::time::Duration;

use protocol::Error;
use protocol::message::{Content, Elem, TextElem};
use tim::sdk::{CallbackMode, Client, Completion, Config};
use tim_core::{Command, Reply};
use timd::testing::TestServer;

/// Only a test that fails waits so long.
pub const LONG: Duration = Duration::from_secs(30);

pub fn offline(mode: CallbackMode) -> Config {
    let mut config = Config::new(1);
    config.data_dir = None;
    config.log_dir = None;
    config.mode = mode;
    config
}

pub fn at(server: &TestServer, mode: CallbackMode) -> Config {
    let mut config = offline(mode);
    config.app_id = server.app_id();
    config.urls = vec![server.url()];
    config.ca_file = server.ca_path().map(Into::into);
    config
}

pub type Outcome = mpsc::Receiver<Result<Reply, Error>>;

pub fn completion() -> (Completion, Outcome) {
    let (done, outcome) = mpsc::channel();
    (Box::new(move |result| drop(done.send(result))), outcome)
}

pub fn submit(client: &Client, command: Command) -> Outcome {
    let (completion, outcome) = completion();
    client.submit(command, completion).unwrap();
    outcome
}

pub fn login(client: &Client, server: &TestServer, user: &str) -> Outcome {
    let user_sig = server.usersig(user, 60);
    submit(
        client,
        Command::Login {
            user_id: user.into(),
            user_sig,
        },
    )
}

pub fn text(text: &str) -> Content {
    Content {
        elems: vec![Elem::Text(TextElem {
            content: text.into(),
        })],
        ..Content::default()
    }
}

/// The reply to a call that has to succeed.
pub fn ok(outcome: Outcome) -> Reply {
    outcome.recv_timeout(LONG).unwrap().unwrap()
}

/// The code of a call; 0 when it succeeded.
pub fn code(outcome: &Outcome) -> i32 {
    let result = outcome.recv_timeout(LONG).unwrap();
    result.map_or_else(|error| error.code, |_| 0)
}

/// Puts the library that cargo made beside this test into a folder, under the names that programs
/// look for.
#[cfg(unix)]
pub fn place_library(folder: &std::path::Path) {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().unwrap().join("libtim.so");
    for name in ["libtim.so", "libtim.so.0"] {
        std::os::unix::fs::symlink(&built, folder.join(name)).unwrap();
    }
}
