//! Finding, opening and upgrading the file of an account.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tim_core::store::StoreError;

use super::session::{explain, is_damage};
use crate::sys::{self, FileLock};

/// One for each version; a file's version is how many of them it has seen.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/001_init.sql"),
    include_str!("migrations/002_places.sql"),
    include_str!("migrations/003_profiles.sql"),
    include_str!("migrations/004_changes.sql"),
    include_str!("migrations/005_conversations.sql"),
    include_str!("migrations/006_receive.sql"),
    include_str!("migrations/007_search.sql"),
    include_str!("migrations/008_groups.sql"),
];

/// The version that this library writes.
const VERSION: u32 = MIGRATIONS.len() as u32;

/// How long to wait for a tool that has the file open behind our back. The reactor waits as well.
const BUSY_TIMEOUT: Duration = Duration::from_millis(250);

/// Statements kept prepared; there are fewer than this.
const STATEMENTS: usize = 64;

/// The kilobytes of cache and of the log that stay are small: a chat client idles most of the time.
const SETTINGS: &str = "
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA journal_size_limit = 1048576;
    PRAGMA cache_size = -1024;
    PRAGMA temp_store = MEMORY;
";

/// One of these fails when a table is missing or another one than ours.
const SHAPE: [&str; 7] = [
    "SELECT value FROM meta",
    "SELECT target FROM conv",
    "SELECT active_ms FROM conversation",
    "SELECT sub, content FROM message",
    "SELECT from_seq FROM gap",
    "SELECT time FROM search",
    "SELECT fetched FROM profile",
];

/// A file that is open, upgraded and locked.
pub(super) struct OpenFile {
    pub db: Connection,
    pub path: PathBuf,
    pub lock: FileLock,
    /// What the damaged file was renamed to, when there was one.
    pub reset: Option<String>,
}

/// Why a file could not be used.
enum Refused {
    /// It cannot be made sense of: it goes aside, and a new one takes its place.
    Damaged,
    /// It stays as it is.
    Other(StoreError),
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) {
            Refused::Damaged
        } else {
            Refused::Other(explain(&error))
        }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Refused::Other(StoreError::Failed(error.to_string()))
    }
}

/// Opens the file of an account, making or replacing it as needed.
pub(super) fn open(root: &Path, app_id: u64, user_id: &str) -> Result<OpenFile, StoreError> {
    let folder = root.join(app_id.to_string());
    let failed = |what: &Path, e: io::Error| StoreError::Failed(format!("{}: {e}", what.display()));
    sys::create_private_dir(&folder).map_err(|e| failed(&folder, e))?;
    let name = file_name(user_id);
    let path = folder.join(format!("{name}.db"));
    let lock_path = folder.join(format!("{name}.lock"));
    let lock = FileLock::take(&lock_path)
        .map_err(|e| failed(&lock_path, e))?
        .ok_or(StoreError::InUse)?;
    let (db, reset) = match connect(&path) {
        Ok(db) => (db, None),
        Err(Refused::Other(error)) => return Err(error),
        Err(Refused::Damaged) => {
            let aside = move_aside(&path).map_err(|e| failed(&path, e))?;
            let db = connect(&path).map_err(|refused| match refused {
                Refused::Other(error) => error,
                Refused::Damaged => StoreError::Failed("a new file is damaged at once".into()),
            })?;
            (db, Some(aside))
        }
    };
    Ok(OpenFile {
        db,
        path,
        lock,
        reset,
    })
}

/// Renames a file, and what SQLite keeps beside it, to a name that says so. Returns the name.
pub(super) fn move_aside(path: &Path) -> io::Result<String> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seconds = now.map_or(0, |d| d.as_secs());
    let base = path.file_name().unwrap_or_default().to_string_lossy();
    let mut name = format!("{base}.damaged-{seconds}");
    let mut count = 1;
    while path.with_file_name(&name).exists() {
        count += 1;
        name = format!("{base}.damaged-{seconds}-{count}");
    }
    fs::rename(path, path.with_file_name(&name))?;
    for beside in ["-wal", "-shm"] {
        let from = path.with_file_name(format!("{base}{beside}"));
        match fs::rename(from, path.with_file_name(format!("{name}{beside}"))) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(name)
}

/// A file name for a user ID that stays unique where file systems do not tell case apart, and
/// that Windows takes: `Bob` is `+bob`, `nul` is `=nul`.
fn file_name(user_id: &str) -> String {
    let mut name = String::with_capacity(user_id.len() + 4);
    if is_reserved(user_id) {
        name.push('=');
    }
    for byte in user_id.bytes() {
        match byte {
            b'A'..=b'Z' => {
                name.push('+');
                name.push(char::from(byte.to_ascii_lowercase()));
            }
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => name.push(char::from(byte)),
            // Not a valid user ID; it must not reach another folder all the same.
            _ => name.push_str(&format!("%{byte:02x}")),
        }
    }
    name
}

/// Names of devices on Windows, whatever the extension.
fn is_reserved(name: &str) -> bool {
    match name.len() {
        3 => ["con", "prn", "aux", "nul"].contains(&name),
        4 => {
            (name.starts_with("com") || name.starts_with("lpt"))
                && name.ends_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    }
}

fn connect(path: &Path) -> Result<Connection, Refused> {
    if header_version(&mut sys::create_private_file(path)?)? > VERSION {
        return Err(Refused::Other(StoreError::TooNew));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = tim_wal::open(path, flags)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // Nobody else has business here: without the memory that connections share, opening and each
    // transaction are cheaper. It has to be said before the first look.
    db.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
    let version = version(&mut db)?;
    if version == 0 {
        // A new file is not worth waiting for the disk: if it breaks, the next opening replaces
        // it, and nothing was in it. A commit writes whole pages for a few hundred bytes in each
        // tree, so small ones are worth it.
        db.execute_batch("PRAGMA synchronous = OFF; PRAGMA page_size = 2048")?;
    }
    // After the version is known to be ours: it writes to the file.
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    migrate(&mut db, version)?;
    db.execute_batch(SETTINGS)?;
    for sql in SHAPE {
        match db.prepare(sql) {
            Ok(_) => {}
            Err(e) if is_damage(&e) || is_plain_error(&e) => return Err(Refused::Damaged),
            Err(e) => return Err(e.into()),
        }
    }
    Ok(db)
}

/// The version as the first page tells it, without waking SQLite, which would touch a newer file
/// when it closes it. Only while that version sits in the write-ahead log alone is this older.
fn header_version(file: &mut File) -> io::Result<u32> {
    const VERSION_AT: usize = 60;
    let mut header = [0; VERSION_AT + 4];
    match file.read_exact(&mut header) {
        Ok(()) if header.starts_with(b"SQLite format 3\0") => Ok(u32::from_be_bytes([
            header[VERSION_AT],
            header[VERSION_AT + 1],
            header[VERSION_AT + 2],
            header[VERSION_AT + 3],
        ])),
        // New, or broken: SQLite will say.
        Ok(()) => Ok(0),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        Err(e) => Err(e),
    }
}

/// The version of a file that is ours; 0 for a new one.
fn version(db: &mut Connection) -> Result<u32, Refused> {
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > VERSION {
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        return Err(Refused::Other(StoreError::TooNew));
    }
    let tables: u32 = db.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if version == 0 && tables > 0 {
        // A database, but none of ours.
        return Err(Refused::Damaged);
    }
    Ok(version)
}

fn migrate(db: &mut Connection, version: u32) -> Result<(), Refused> {
    for (next, sql) in (1u32..).zip(MIGRATIONS).skip(version as usize) {
        let transaction = db.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", next)?;
        transaction.commit()?;
    }
    Ok(())
}

/// `no such table` and the like.
fn is_plain_error(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|e| e.extended_code == rusqlite::ffi::SQLITE_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_differ_without_case_and_stay_in_their_folder() {
        assert_eq!(file_name("alice_1-x"), "alice_1-x");
        assert_eq!(file_name("Bob"), "+bob");
        assert_eq!(file_name("bOB"), "b+o+b");
        assert_eq!(file_name("nul"), "=nul");
        assert_eq!(file_name("com7"), "=com7");
        assert_eq!(file_name("comx"), "comx");
        assert_eq!(file_name("../é"), "%2e%2e%2f%c3%a9");
    }
}
