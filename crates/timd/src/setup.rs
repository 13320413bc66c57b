//! The data directory: what a first start creates, and what the command line does to it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags};
use tokio::runtime::Runtime;

use crate::drain::PidFile;
use crate::metrics::Metrics;
use crate::migrate;
use crate::policy::Policy;
use crate::repo::{App, Postgres, Repo, Sqlite, postgres};

/// The id of the first app.
pub const DEFAULT_APP: u64 = 1_400_000_001;

/// The file in a data directory that its server keeps locked.
pub const LOCK: &str = "timd.lock";

/// Locks a file, made when needed. `None`: somebody has it.
pub fn lock(path: &Path) -> Result<Option<File>, String> {
    let say = |e: std::io::Error| format!("cannot use {}: {e}", path.display());
    let file = private().open(path).map_err(say)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(say(e)),
    }
}

/// A directory that nobody else uses meanwhile.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
    _pid: PidFile,
}

impl DataDir {
    /// Creates it when needed, and takes it.
    pub fn take(path: &Path) -> Result<Self, String> {
        let say = |e: std::io::Error| format!("cannot use {}: {e}", path.display());
        create_private(path).map_err(say)?;
        let lock = lock(&path.join(LOCK))?.ok_or_else(|| {
            format!(
                "another timd is running on {}: stop it, or choose another directory with --data",
                path.display()
            )
        })?;
        Ok(Self {
            path: path.to_owned(),
            _pid: PidFile::write(path).map_err(say)?,
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Opens a file for writing, made for the owner only.
pub fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

fn create_private(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Where apps, accounts and messages are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file of this node alone.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database, with its password: no `Debug`.
    Postgres(String),
}

impl Database {
    /// Reads the setting; without it, it is a file in the data directory.
    pub fn parse(setting: Option<&str>, data: &Path) -> Result<Self, String> {
        let Some(url) = setting else {
            return Ok(Self::Sqlite(data.join("timd.db")));
        };
        match url.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(url.to_owned())),
            // The text is not told: it may have a password in it.
            _ => Err(
                "database: write postgres://user:password@host/database, or sqlite:///path".into(),
            ),
        }
    }
}

/// Clients would find an older state than theirs, and what is stored would be nowhere else.
fn refuse_moved(path: &Path) -> Result<(), String> {
    let look = || {
        let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.busy_timeout(postgres::PATIENCE)?;
        migrate::has_left(&conn)
    };
    match look() {
        Ok(false) => Ok(()),
        Ok(true) => Err(format!("all of it was moved to PostgreSQL: {MOVED}")),
        Err(error) => Err(error.to_string()),
    }
}

/// What to do about a database that has left.
pub const MOVED: &str = "set database as it was told to `timd migrate`; to go back, and lose what was \
                         stored there, remove the table `moved` with sqlite3";

/// Opens the database; its files are for their owner only.
pub fn open_database(path: &Path, readers: usize, metrics: Arc<Metrics>) -> Result<Sqlite, String> {
    if !path.exists() {
        crate::tls::write_private(path, "")?;
    }
    refuse_moved(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Sqlite::open(path, readers, metrics).map_err(|e| format!("{}: {e}", path.display()))
}

/// Connects to a database that is whole.
pub async fn open_postgres(
    url: &str,
    connections: u32,
    patience: Duration,
    metrics: Arc<Metrics>,
) -> Result<Postgres, String> {
    let opened = Postgres::open(url, connections, patience, metrics);
    let repo = opened.await.map_err(|e| e.to_string())?;
    migrate::refuse_unfinished(url).await?;
    Ok(repo)
}

/// The apps of a database, for the command line; servers may be working on it.
pub struct Apps {
    repo: AnyRepo,
    runtime: Runtime,
}

enum AnyRepo {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Apps {
    /// Opens them. A file has to exist.
    pub fn open(database: &Database) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| format!("cannot start the runtime: {e}"))?;
        let metrics = Arc::default();
        let repo = match database {
            Database::Sqlite(path) if !path.exists() => {
                return Err(format!(
                    "there is no database {}: start `timd serve` there once, or name the right \
                     directory with --data",
                    path.display()
                ));
            }
            Database::Sqlite(path) => AnyRepo::Sqlite(open_database(path, 1, metrics)?),
            Database::Postgres(url) => {
                let opened = open_postgres(url, 1, postgres::PATIENCE, metrics);
                AnyRepo::Postgres(runtime.block_on(opened)?)
            }
        };
        Ok(Self { repo, runtime })
    }
}

macro_rules! of_apps {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) -> $given:ty;)*) => {
        impl Apps {$(
            $(#[$doc])*
            pub fn $name(&self, $($arg: $type),*) -> Result<$given, String> {
                match &self.repo {
                    AnyRepo::Sqlite(repo) => self.runtime.block_on(repo.$name($($arg),*)),
                    AnyRepo::Postgres(repo) => self.runtime.block_on(repo.$name($($arg),*)),
                }
                .map_err(|e| e.to_string())
            }
        )*}
    };
}

of_apps! {
    /// All of them.
    apps() -> Vec<App>;
    /// False: there is one of that id.
    create_app(app: App) -> bool;
    /// False: there is no such app.
    rotate_key(app_id: u64, key: String) -> bool;
    /// False: there is no such app.
    set_policy(app_id: u64, policy: Policy) -> bool;
}

/// 64 random hexadecimal digits.
pub fn random_key() -> Result<String, String> {
    let mut bytes = [0; 32];
    random(&mut bytes)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// A random number.
pub fn random_u64() -> Result<u64, String> {
    let mut bytes = [0; 8];
    random(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn random(bytes: &mut [u8]) -> Result<(), String> {
    getrandom::fill(bytes).map_err(|e| format!("the system has no randomness: {e}"))
}

/// Seconds since 1970.
pub fn now_s() -> u64 {
    now_ms() / 1000
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| d.as_millis() as u64)
}

/// Milliseconds since this process first asked, on a clock that nobody sets.
pub fn uptime_ms() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_millis() as u64
}

/// The first app; created when there is none.
pub async fn first_app(repo: &impl Repo) -> Result<App, String> {
    let say = |e: crate::repo::RepoError| e.to_string();
    let apps = repo.apps().await.map_err(say)?;
    if let Some(app) = apps.into_iter().next() {
        return Ok(app);
    }
    let app = App {
        id: DEFAULT_APP,
        key: random_key()?,
        name: "default".into(),
        created_at: now_s(),
        policy: Default::default(),
    };
    repo.create_app(app).await.map_err(say)?;
    // Another node may have been faster, with a key of its own.
    let apps = repo.apps().await.map_err(say)?;
    let first = apps.into_iter().next();
    first.ok_or_else(|| "the first app is gone again".into())
}
