//! A PostgreSQL server for tests, from the programs that the system has (Debian: `postgresql`): on
//! loopback, with data of its own. It ends with whoever started it, however that ends.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
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
    settings: Vec<String>,
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
        Self::start_with(&[])
    }

    /// Starts one with these settings, `name=value`, besides those that tests want.
    pub fn start_with(settings: &[&str]) -> Result<Self, String> {
        let programs = programs()?;
        let dir = TempDir::new().map_err(|e| e.to_string())?;
        let cluster = Self {
            port: free_port()?,
            programs,
            dir,
            keeper: Mutex::default(),
            databases: AtomicU32::new(0),
            settings: settings.iter().map(ToString::to_string).collect(),
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

    /// A second server that follows this one, and that this one waits for with each commit.
    pub fn standby(&self) -> Result<Self, String> {
        let dir = TempDir::new().map_err(|e| e.to_string())?;
        let standby = Self {
            port: free_port()?,
            programs: self.programs.clone(),
            dir,
            keeper: Mutex::default(),
            databases: AtomicU32::new(self.databases.load(Ordering::Relaxed)),
            settings: self.settings.clone(),
        };
        #[cfg(unix)]
        if let Some((user, group)) = servant() {
            std::os::unix::fs::chown(standby.dir.path(), Some(user), Some(group))
                .map_err(|e| e.to_string())?;
        }
        let port = self.port.to_string();
        let copied = standby
            .command(&self.programs.join("pg_basebackup"))
            .args(["-h", "127.0.0.1", "-U", "timd", "-p", &port])
            .args([
                "--checkpoint=fast",
                "--no-sync",
                "--write-recovery-conf",
                "-D",
            ])
            .arg(standby.data())
            .output()
            .map_err(|e| format!("pg_basebackup: {e}"))?;
        if !copied.status.success() {
            let said = String::from_utf8_lossy(&copied.stderr);
            return Err(format!("pg_basebackup: {said}"));
        }
        standby.resume()?;
        self.run(
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
            "postgres",
        )?;
        self.run("SELECT pg_reload_conf()", "postgres")?;
        Ok(standby)
    }

    /// From its next start on it follows, and takes no writes.
    pub fn demote(&self) -> Result<(), String> {
        std::fs::write(self.data().join("standby.signal"), "").map_err(|e| e.to_string())
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Lets it hang: it neither answers nor ends, until it goes on.
    pub fn hang(&self, does: bool) -> Result<(), String> {
        let file = self.data().join("postmaster.pid");
        let text = std::fs::read_to_string(file).map_err(|e| e.to_string())?;
        let first = text.lines().next().unwrap_or_default().to_owned();
        let name = if does { "STOP" } else { "CONT" };
        // First the one that would start others.
        super::signal(name, [&*first])?;
        for child in children(&first) {
            // It may have ended meanwhile: going on, the first lets those go that nobody waits for.
            if let Err(e) = super::signal(name, [&*child])
                && is_child(&child, &first)
            {
                return Err(e);
            }
        }
        Ok(())
    }

    /// Takes every connection there is, from everybody else too, until what this gives is dropped.
    pub fn exhaust(&self) -> Result<Exhausted, String> {
        let (stop, stopped) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let url = self.url("postgres");
        let holder = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|e| e.to_string())?;
            runtime.block_on(take_all(&url, &tell, &stopped))
        });
        let has_all = told.recv_timeout(PATIENCE).is_ok();
        let mut exhausted = Exhausted {
            stop: Some(stop),
            holder: Some(holder),
        };
        if has_all {
            return Ok(exhausted);
        }
        exhausted.end().and(Err("others are faster".into()))
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
            .args(self.settings.iter().flat_map(|setting| ["-c", setting]))
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

    /// The process whose descendants the server's processes are.
    pub fn keeper(&self) -> Option<u32> {
        self.keeper.lock().as_ref().map(Child::id)
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
        let statements = statements.to_owned();
        self.with(database, async move |conn| {
            let query = sqlx::raw_sql(AssertSqlSafe(statements));
            conn.execute(query).await.map(drop)
        })
    }

    /// Asks for a `float8` there.
    pub fn number(&self, query: &str, database: &str) -> Result<f64, String> {
        let query = query.to_owned();
        self.with(database, async move |conn| {
            let query = sqlx::query_scalar(AssertSqlSafe(query));
            query.fetch_one(conn).await
        })
    }

    fn with<T: Send + 'static>(
        &self,
        database: &str,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error> + Send + 'static,
    ) -> Result<T, String> {
        let name = database.rsplit('/').next().unwrap_or(database);
        let url = self.url(name);
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
                let done = work(&mut conn).await.map_err(say)?;
                conn.close().await.map_err(say)?;
                Ok(done)
            })
        });
        run.join().map_err(|_| "panicked".to_owned())?
    }
}

/// All connections to a server.
pub struct Exhausted {
    stop: Option<Sender<()>>,
    holder: Option<JoinHandle<Result<(), String>>>,
}

impl Exhausted {
    fn end(&mut self) -> Result<(), String> {
        self.stop = None;
        let held = self.holder.take().map(JoinHandle::join);
        held.map_or(Ok(()), |ended| ended.unwrap_or(Err("it panicked".into())))
    }
}

impl Drop for Exhausted {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Takes each connection that others leave, until it is told to stop; says when none is left. A
/// connection that comes to be or ends at that moment is in no list, so that one look is not enough.
async fn take_all(url: &str, tell: &Sender<()>, stopped: &Receiver<()>) -> Result<(), String> {
    let options: PgConnectOptions = url.parse().map_err(|_| "no URL".to_owned())?;
    let options = options.application_name("exhaust");
    let mut held = Vec::new();
    while stopped.try_recv() == Err(TryRecvError::Empty) {
        if let Ok(conn) = PgConnection::connect_with(&options).await {
            held.push(conn);
            continue;
        }
        let first = held.first_mut().ok_or("no connection at all")?;
        let others = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND application_name <> 'exhaust'";
        let ended: i64 = sqlx::query_scalar(others)
            .fetch_one(first)
            .await
            .map_err(|e| e.to_string())?;
        if ended == 0 {
            let _ = tell.send(());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

/// The processes that a process has started.
fn children(pid: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_child(name, pid)).collect()
}

fn is_child(pid: &str, of: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    // pid (name) state parent: the name may have spaces in it.
    let after = stat.rsplit(')').next().unwrap_or_default();
    after.split_whitespace().nth(1) == Some(of)
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
