//! A server in a process of its own.

use std::fs::{File, read_to_string};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use timd::testing::TempDir;

use super::Target;

/// The program; killed on drop.
pub struct Process {
    pub child: Child,
    addr: SocketAddr,
    ca: PathBuf,
    app_id: u64,
    key: String,
    dir: TempDir,
}

impl Process {
    /// Starts one after `change`, for example with `--set NAME=VALUE`, and waits until it serves.
    pub fn start(change: impl Fn(&mut Command)) -> Self {
        let dir = TempDir::new().unwrap();
        let data = dir.path().join("data");
        let mut command = Command::new(env!("CARGO_BIN_EXE_timd"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(&data);
        change(&mut command);
        let log = dir.path().join("log");
        command.stdout(Stdio::piped());
        command.stderr(File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines
            .map(Result::unwrap)
            .find(|line| line.starts_with("READY "))
            .unwrap_or_else(|| panic!("{}", read_to_string(&log).unwrap()));
        let word = |name: &str| {
            let mut words = ready.split(' ').filter_map(|word| word.split_once('='));
            words.find(|(key, _)| *key == name).unwrap().1.to_owned()
        };
        let port = word("url").rsplit(':').next().unwrap().replace("/v1", "");
        let mut list = Command::new(env!("CARGO_BIN_EXE_timd"));
        list.args(["app", "list", "--keys", "--data"]).arg(&data);
        for (name, value) in command.get_envs() {
            list.env(name, value.unwrap());
        }
        let apps = String::from_utf8(list.output().unwrap().stdout).unwrap();
        let first = apps.lines().next().unwrap();
        Self {
            child,
            addr: ([127, 0, 0, 1], port.parse().unwrap()).into(),
            ca: word("ca").into(),
            app_id: word("app_id").parse().unwrap(),
            key: first.rsplit(' ').next().unwrap().to_owned(),
            dir,
        }
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn log(&self) -> String {
        read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// It has no time to say goodbye.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `TERM`, for example.
    pub fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        kill.arg(format!("-{name}"))
            .arg(self.child.id().to_string());
        assert!(kill.status().unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Target for Process {
    fn addr(&self) -> SocketAddr {
        self.addr
    }
    fn ca_pem(&self) -> Option<String> {
        read_to_string(&self.ca).ok()
    }
    fn app_id(&self) -> u64 {
        self.app_id
    }
    fn usersig(&self, user_id: &str, expire_s: u64) -> String {
        let now = timd::setup::now_s();
        protocol::usersig::mint(&self.key, self.app_id, user_id, now, expire_s, None)
    }
}
