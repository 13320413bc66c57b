//! A PostgreSQL server for tests, from the programs that the system has (Debian: `postgresql`): on
//! loopback, with data of its own. It ends with whoever started it, however that ends.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::TempDir;

/// Longer than a start takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the server, and ends it when its own input ends, or by the signal that is told there.
const KEEPER: &str = r#""$@" >>"$0" 2>&1 </dev/null &
server=$!
read -r signal
kill -"${signal:-INT}" $server
wait $server"#;

/// A server with nothing in it. Dropping it stops it.
pub struct Cluster {
    dir: TempDir,
    programs: PathBuf,
    port: u16,
    keeper: Mutex<Option<Child>>,
    databases: AtomicU32,
}

/// The server that the tests of this process share; the last one to drop it stops it.
pub fn shared() -> Arc<Cluster> {
    static CURRENT: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    let mut current = CURRENT.lock();
    if let Some(cluster) = current.upgrade() {
        return cluster;
    }
    let cluster = Arc::new(Cluster::start().expect("a PostgreSQL server"));
    *current = Arc::downgrade(&cluster);
    cluster
}

impl Cluster {
    /// Starts one. The error says what is missing.
    pub fn start() -> Result<Self, String> {
        let programs = programs()?;
        let dir = TempDir::new().map_err(|e| e.to_string())?;
        let cluster = Self {
            port: free_port()?,
            programs,
            dir,
            keeper: Mutex::default(),
            databases: AtomicU32::new(0),
        };
        #[cfg(unix)]
        if let Some((user, group)) = servant() {
            std::os::unix::fs::chown(cluster.dir.path(), Some(user), Some(group))
                .map_err(|e| e.to_string())?;
        }
        let made = cluster
            .command(&cluster.programs.join("initdb"))
            .args(["--auth=trust", "--username=timd", "--no-sync", "--locale=C"])
            .args(["--encoding=UTF8", "--pgdata"])
            .arg(cluster.data())
            .output()
            .map_err(|e| format!("initdb: {e}"))?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
        }
        cluster.resume()?;
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// As somebody whom the programs accept: they refuse to run as root.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.dir.path()).env("LC_ALL", "C");
        #[cfg(unix)]
        if let Some((user, group)) = servant() {
            use std::os::unix::process::CommandExt;
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts it again, on the same port and data.
    pub fn resume(&self) -> Result<(), String> {
        let port = self.port.to_string();
        let mut command = self.command(Path::new("sh"));
        command
            .args(["-c", KEEPER])
            .arg(self.dir.path().join("log"))
            .arg(self.programs.join("postgres"))
            .arg("-D")
            .arg(self.data())
            .args(["-p", &port, "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories=", "-c", "fsync=off"])
            .args(["-c", "shared_buffers=32MB", "-c", "max_connections=100"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        *self.keeper.lock() = Some(command.spawn().map_err(|e| format!("sh: {e}"))?);
        let until = Instant::now() + PATIENCE;
        loop {
            let Err(error) = self.run("SELECT 1", "postgres") else {
                return Ok(());
            };
            if Instant::now() > until {
                return Err(format!("PostgreSQL does not answer: {error}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops it in good order; connections end.
    pub fn stop(&self) {
        self.end("INT");
    }

    /// Stops it at once, as a crash does.
    pub fn crash(&self) {
        self.end("QUIT");
    }

    fn end(&self, signal: &str) {
        if let Some(mut keeper) = self.keeper.lock().take() {
            if let Some(mut input) = keeper.stdin.take() {
                let _ = writeln!(input, "{signal}");
            }
            let _ = keeper.wait();
        }
    }

    /// A new, empty database: its URL.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("timd{number}");
        self.run(&format!("CREATE DATABASE {name}"), "postgres")
            .expect("a new database");
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://timd:secret@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs statements in a database that [`Cluster::database`] gave, or in `postgres`.
    pub fn run(&self, statements: &str, database: &str) -> Result<(), String> {
        let name = database.rsplit('/').next().unwrap_or(database);
        let url = self.url(name);
        let statements = statements.to_owned();
        // Callers may be within a runtime, or not.
        let run = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|e| e.to_string())?;
            runtime.block_on(async {
                let options: PgConnectOptions = url.parse().map_err(|_| "no URL".to_owned())?;
                let say = |e: sqlx::Error| e.to_string();
                let mut conn = PgConnection::connect_with(&options).await.map_err(say)?;
                let query = sqlx::raw_sql(AssertSqlSafe(statements));
                conn.execute(query).await.map_err(say)?;
                conn.close().await.map_err(say)
            })
        });
        run.join().map_err(|_| "panicked".to_owned())?
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.end("INT");
    }
}

fn free_port() -> Result<u16, String> {
    let taken = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr());
    taken.map(|addr| addr.port()).map_err(|e| e.to_string())
}

/// Where `initdb` and `postgres` are: the newest that Debian installed, or on the path.
fn programs() -> Result<PathBuf, String> {
    let version = |path: &PathBuf| -> u32 {
        let name = path.file_name().and_then(|name| name.to_str());
        name.and_then(|name| name.parse().ok()).unwrap_or(0)
    };
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let newest = installed.flatten().map(|e| e.path()).max_by_key(version);
    let path = std::env::var_os("PATH").unwrap_or_default();
    newest
        .map(|dir| dir.join("bin"))
        .into_iter()
        .chain(std::env::split_paths(&path))
        .find(|dir| dir.join("initdb").exists() && dir.join("postgres").exists())
        .ok_or_else(|| "PostgreSQL is not installed: run `make setup`".to_owned())
}

/// Whom to run as: nobody else, unless this is root.
#[cfg(unix)]
fn servant() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    if !is_root {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2).map(str::parse);
    Some((fields.next()?.ok()?, fields.next()?.ok()?))
}
