//! A NATS server for tests.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::TempDir;

/// It listens a moment after it was started, on a busy machine some seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the server, and kills it when its own input ends, as it does with whoever started it.
const KEEPER: &str = r#""$@" </dev/null &
server=$!
read -r _
kill -9 $server
wait $server"#;

/// A `nats-server` on a free port of 127.0.0.1, with its own directory; gone when dropped.
///
/// The program is what `NATS_SERVER` names, or else the one that Debian's package installs.
pub struct NatsServer {
    dir: TempDir,
    port: Option<u16>,
    child: Option<Child>,
}

impl NatsServer {
    /// Starts one that lets everybody in.
    pub fn start() -> Result<Self, String> {
        Self::start_with("")
    }

    /// Starts one with these lines in its configuration.
    pub fn start_with(lines: &str) -> Result<Self, String> {
        let dir = TempDir::new().map_err(|e| e.to_string())?;
        fs::write(dir.path().join("nats.conf"), lines).map_err(|e| e.to_string())?;
        let mut server = Self {
            dir,
            port: None,
            child: None,
        };
        server.run()?;
        Ok(server)
    }

    /// What clients connect to.
    pub fn url(&self) -> String {
        format!("nats://{}", self.host())
    }

    /// The same without the scheme.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port.unwrap_or_default())
    }

    /// The process whose child the server is.
    pub fn keeper(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Where it tells about itself by HTTP, when its configuration says `http: "127.0.0.1:-1"`.
    pub fn monitor(&self) -> Option<String> {
        let ports = ports_in(self.dir.path())?;
        let url = ports["monitoring"][0].as_str()?;
        Some(url.trim_start_matches("http://").to_owned())
    }

    /// Kills it; its port stays its own, as far as the system gives it to nobody else.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }

    /// Lets it hang: it neither answers nor ends, until it goes on.
    pub fn hang(&self, does: bool) -> Result<(), String> {
        let pid = fs::read_to_string(self.dir.path().join("pid")).map_err(|e| e.to_string())?;
        super::signal(if does { "STOP" } else { "CONT" }, [pid.trim()])
    }

    /// Starts it again on the same port.
    pub fn restart(&mut self) -> Result<(), String> {
        self.stop();
        self.run()
    }

    fn run(&mut self) -> Result<(), String> {
        let program = program();
        let port = self.port.map_or(-1, i32::from);
        let dir = self.dir.path();
        let child = Command::new("sh")
            .args(["-c", KEEPER, "sh", &program])
            .args(["--addr", "127.0.0.1", "--port", &port.to_string()])
            .arg("--config")
            .arg(dir.join("nats.conf"))
            .arg("--log")
            .arg(dir.join("log"))
            .arg("--ports_file_dir")
            .arg(dir)
            .arg("--pid")
            .arg(dir.join("pid"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("cannot start {program}: {e}; scripts/setup.sh installs it"))?;
        self.child = Some(child);
        let start = Instant::now();
        loop {
            if self.port.is_none() {
                self.port = port_in(self.dir.path());
            }
            if let Some(port) = self.port
                && TcpStream::connect(("127.0.0.1", port)).is_ok()
            {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                return Err(format!(
                    "{program} does not listen (scripts/setup.sh installs it): {log}"
                ));
            }
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Debian has it in a folder that is not on everybody's path.
fn program() -> String {
    let asked = std::env::var("NATS_SERVER").ok();
    let debian = "/usr/sbin/nats-server";
    let found = || std::path::Path::new(debian).exists().then(|| debian.into());
    asked.or_else(found).unwrap_or_else(|| "nats-server".into())
}

/// The server writes `{"nats": ["nats://127.0.0.1:40001"], …}` into a file of its own.
fn ports_in(dir: &Path) -> Option<serde_json::Value> {
    let files = fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path());
    let file = files
        .into_iter()
        .find(|path| path.extension() == Some("ports".as_ref()))?;
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

fn port_in(dir: &Path) -> Option<u16> {
    let ports = ports_in(dir)?;
    ports["nats"][0].as_str()?.rsplit(':').next()?.parse().ok()
}
