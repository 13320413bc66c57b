//! The server's process, the clients, and the other roles that this program plays.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use protocol::conversation::ConvId;
use protocol::message::{Content, Elem, LocalCustom, TextElem};
use protocol::{Error, usersig};
use tim::sdk::{Client, Config};
use tim_core::{Command as Call, Reply};

/// Environment variable by which this program starts itself in another role.
pub const ROLE: &str = "TIM_BENCH_ROLE";

/// The other roles.
pub fn play(role: &str, args: &[String]) {
    match role {
        "echo" => crate::floor::serve_echo(),
        "receiver" => crate::receiver::play(args),
        "idle" => crate::library::play_idle(args),
        other => panic!("no role {other}"),
    }
}

/// Starts this program in a role.
pub fn start_role(role: &str, args: &[&str]) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .env(ROLE, role)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts")
}

/// Where cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    // …/target/release/deps/bench-…
    let program = std::env::current_exe().expect("this program");
    program
        .ancestors()
        .nth(3)
        .expect("a target folder")
        .to_owned()
}

/// A file of the release build.
pub fn built(name: &str) -> PathBuf {
    target_dir().join("release").join(name)
}

/// A folder that goes away with it.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (pid, n) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = target_dir().join(format!("bench-{name}-{pid}-{n}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder for the bench");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// timd in a process of its own.
pub struct Server {
    child: Option<Child>,
    dir: TempDir,
    args: Vec<String>,
    pub url: String,
    pub ca: PathBuf,
    pub app_id: u64,
    pub key: String,
}

impl Server {
    pub fn start(args: &[&str]) -> Self {
        let mut server = Self {
            child: None,
            dir: TempDir::new("timd"),
            args: args.iter().map(ToString::to_string).collect(),
            url: String::new(),
            ca: PathBuf::new(),
            app_id: 0,
            key: String::new(),
        };
        server.spawn("127.0.0.1:0");
        server.key = server.read_key();
        server
    }

    fn spawn(&mut self, listen: &str) {
        let timd = built("timd");
        assert!(
            timd.exists(),
            "build it first: cargo build --release -p timd"
        );
        let mut child = Command::new(timd)
            .arg("serve")
            .arg("--data")
            .arg(self.dir.path())
            .args(["--listen", listen])
            // The limit of requests is a setting like any other; here it would be measured.
            .args(["--set", "requests_per_second=0"])
            .args(&self.args)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("timd starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let ready = loop {
            let mut line = String::new();
            assert!(
                lines.read_line(&mut line).expect("timd's output") > 0,
                "timd ended"
            );
            if let Some(ready) = line.trim().strip_prefix("READY ") {
                break ready.to_owned();
            }
        };
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        for field in ready.split(' ') {
            match field.split_once('=') {
                Some(("url", url)) => self.url = url.into(),
                Some(("ca", ca)) => self.ca = ca.into(),
                Some(("app_id", id)) => self.app_id = id.parse().expect("a number"),
                _ => {}
            }
        }
        self.child = Some(child);
    }

    /// The app's key, which the server's own command tells.
    fn read_key(&self) -> String {
        let mut command = Command::new(built("timd"));
        command.args(["app", "list", "--keys", "--data"]);
        command.arg(self.dir.path());
        if let Some(at) = self.args.iter().position(|arg| arg == "--database") {
            command.args(&self.args[at..=at + 1]);
        }
        let output = command.output().expect("timd starts");
        let text = String::from_utf8(output.stdout).expect("text");
        let line = text.lines().next().expect("the default app");
        line.rsplit(' ').next().expect("a key").to_owned()
    }

    pub fn ticket(&self, user: &str) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.expect("a clock after 1970").as_secs();
        usersig::mint(&self.key, self.app_id, user, now, 86_400, None)
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Kills it and starts it again at the same address.
    pub fn restart(&mut self) {
        self.kill();
        let address = self
            .url
            .trim_start_matches("wss://")
            .split('/')
            .next()
            .expect("a host");
        let port = address.rsplit(':').next().expect("a port").to_owned();
        self.spawn(&format!("127.0.0.1:{port}"));
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// A client that is not logged in yet; storage on disk or off.
    pub fn client(&self, storage: Option<&Path>) -> Client {
        let config = Config {
            urls: vec![self.url.clone()],
            ca_file: Some(self.ca.clone()),
            data_dir: storage.map(Path::to_owned),
            log_dir: None,
            ..Config::new(self.app_id)
        };
        Client::start(config).expect("a client starts")
    }

    /// A client that is logged in.
    pub fn logged_in(&self, user: &str, storage: Option<&Path>) -> Client {
        let client = self.client(storage);
        let user_sig = self.ticket(user);
        call(
            &client,
            Call::Login {
                user_id: user.into(),
                user_sig,
            },
        )
        .expect("a login");
        client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Makes a call and waits for its completion.
pub fn call(client: &Client, command: Call) -> Result<Reply, Error> {
    let (done, wait) = mpsc::sync_channel(1);
    client.submit(command, Box::new(move |result| drop(done.send(result))))?;
    wait.recv_timeout(Duration::from_secs(60))
        .expect("a completion")
}

/// A text of 200 bytes.
pub fn text() -> Content {
    let elem = Elem::Text(TextElem {
        content: "x".repeat(200),
    });
    Content {
        elems: vec![elem],
        ..Content::default()
    }
}

pub fn send(client: &Client, to: &str, done: impl FnOnce(Result<Reply, Error>) + Send + 'static) {
    let sent = client.send(
        ConvId::c2c(to),
        text(),
        LocalCustom::default(),
        Box::new(done),
    );
    sent.expect("the call is accepted");
}

/// Resident memory of a process, in KiB.
pub fn resident_kib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("a VmRSS line");
    line.split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number")
}

/// Reads one line from a role.
pub fn read_line(child: &mut Child) -> String {
    let mut line = Vec::new();
    let out = child.stdout.as_mut().expect("a pipe");
    let mut byte = [0];
    while out.read_exact(&mut byte).is_ok() && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    String::from_utf8(line).expect("text")
}
