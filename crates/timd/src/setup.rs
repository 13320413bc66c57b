//! The data directory: what a first start creates, and what the command line does to it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::metrics::Metrics;
use crate::repo::{App, Repo, Sqlite};

/// The id of the first app.
pub const DEFAULT_APP: u64 = 1_400_000_001;

/// A directory that nobody else uses meanwhile.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Creates it when needed, and takes it.
    pub fn take(path: &Path) -> Result<Self, String> {
        let say = |e: std::io::Error| format!("cannot use {}: {e}", path.display());
        create_private(path).map_err(say)?;
        let lock = File::create(path.join("timd.lock")).map_err(say)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(format!(
                "another timd is running on {}: stop it, or choose another directory with --data",
                path.display()
            )),
            Err(TryLockError::Error(e)) => Err(say(e)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database in it.
    pub fn database(&self) -> PathBuf {
        database(&self.path)
    }
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

fn database(dir: &Path) -> PathBuf {
    dir.join("timd.db")
}

/// Opens the database; its files are for their owner only.
pub fn open_database(path: &Path, readers: usize, metrics: Arc<Metrics>) -> Result<Sqlite, String> {
    if !path.exists() {
        crate::tls::write_private(path, "")?;
    }
    Sqlite::open(path, readers, metrics).map_err(|e| format!("{}: {e}", path.display()))
}

/// The database of an existing data directory, for the command line; a server may be running.
pub fn existing_database(dir: &Path) -> Result<Sqlite, String> {
    let path = database(dir);
    if !path.exists() {
        return Err(format!(
            "there is no database in {}: start `timd serve` there once, or name the right \
             directory with --data",
            dir.display()
        ));
    }
    open_database(&path, 1, Arc::new(Metrics::default()))
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
    if let Some(app) = repo.apps().await.map_err(say)?.into_iter().next() {
        return Ok(app);
    }
    let app = App {
        id: DEFAULT_APP,
        key: random_key()?,
        name: "default".into(),
        created_at: now_s(),
        policy: Default::default(),
    };
    repo.create_app(app.clone()).await.map_err(say)?;
    Ok(app)
}
