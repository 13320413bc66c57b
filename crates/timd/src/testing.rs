//! A server for tests: its own directory, a free port, gone when dropped.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::config::Config;
use crate::policy::Policy;
use crate::server::Server;
use crate::setup::Apps;

pub mod nats;
pub mod postgres;

/// A directory that is removed on drop.
pub struct TempDir(PathBuf);

impl TempDir {
    /// Creates one.
    pub fn new() -> std::io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let nanos = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_nanos());
        let name = format!("timd-test-{}-{n}-{nanos}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Sends a signal to processes.
fn signal<'a>(name: &str, pids: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let mut kill = std::process::Command::new("kill");
    let done = kill.arg(format!("-{name}")).args(pids).output();
    let done = done.map_err(|e| format!("kill: {e}"))?;
    let failed = String::from_utf8_lossy(&done.stderr).into_owned();
    done.status.success().then_some(()).ok_or(failed)
}

/// A server in a temporary directory. Call [`Server`]'s methods on it.
pub struct TestServer {
    server: Option<Server>,
    config: Config,
    _dir: TempDir,
}

/// Starts one with the default settings on a free port.
pub fn start() -> Result<TestServer, String> {
    start_with(|_| {})
}

/// Starts one after changing its settings.
pub fn start_with(change: impl FnOnce(&mut Config)) -> Result<TestServer, String> {
    let dir = TempDir::new().map_err(|e| e.to_string())?;
    let mut config = Config {
        data: dir.path().join("data"),
        listen: ([127, 0, 0, 1], 0).into(),
        ..Config::default()
    };
    change(&mut config);
    Ok(TestServer {
        server: Some(Server::start(config.clone())?),
        config,
        _dir: dir,
    })
}

impl TestServer {
    /// Stops it and starts it again on the same port and data.
    pub fn restart(&mut self) -> Result<(), String> {
        self.stop();
        self.server = Some(Server::start(self.config.clone())?);
        Ok(())
    }

    /// Sets the first app's policy, as `timd app set` does.
    pub fn set_policy(&self, policy: Policy) -> Result<(), String> {
        let apps = Apps::open(&self.config.database()?)?;
        apps.set_policy(self.app_id(), policy).map(drop)
    }

    /// Waits until it has ended by itself: why. Not to be asked twice.
    pub fn ended(&mut self) -> Option<String> {
        let server = self.server.as_mut()?;
        server.over().blocking_recv().ok()
    }

    /// Stops it; its data and its port stay until drop.
    pub fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            self.config.listen = server.addr();
            server.stop();
        }
    }
}

impl std::ops::Deref for TestServer {
    type Target = Server;

    fn deref(&self) -> &Server {
        self.server.as_ref().expect("the test server was stopped")
    }
}
