//! Against real files: what one connection commits, another one reads without this layer.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::{Connection, OpenFlags};

thread_local! {
    /// How often this thread waited for the disk.
    pub(super) static SYNCS: Cell<u32> = const { Cell::new(0) };
}

/// A folder that goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tim-wal-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(path: &Path) -> Connection {
    let db = crate::open(path, OpenFlags::default()).unwrap();
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        .unwrap();
    db.execute_batch(
        "PRAGMA synchronous = NORMAL; CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB);",
    )
    .unwrap();
    db
}

fn rows(db: &Connection) -> Vec<(i64, i64)> {
    let mut rows = db.prepare("SELECT k, length(v) FROM t ORDER BY k").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// What a process that dies now would leave behind.
fn left_behind(folder: &Folder, path: &Path) -> Vec<(i64, i64)> {
    let copy = folder.file("copy.db");
    std::fs::copy(path, &copy).unwrap();
    let beside = |path: &Path| path.with_extension("db-wal");
    std::fs::copy(beside(path), beside(&copy)).unwrap();
    let _ = std::fs::remove_file(copy.with_extension("db-shm"));
    let db = Connection::open(&copy).unwrap();
    let sound: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    rows(&db)
}

/// System calls of this thread that write.
#[cfg(target_os = "linux")]
fn write_calls() -> u64 {
    let io = std::fs::read_to_string("/proc/thread-self/io").unwrap();
    let line = io.lines().find(|line| line.starts_with("syscw")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_commit_is_one_write() {
    let folder = Folder::new();
    let db = open(&folder.file("a.db"));
    db.execute("INSERT INTO t VALUES (0, zeroblob(10))", [])
        .unwrap();
    let before = write_calls();
    db.execute("INSERT INTO t VALUES (1, zeroblob(60000))", [])
        .unwrap();
    assert_eq!(write_calls() - before, 1);
    assert_eq!(rows(&db), [(0, 10), (1, 60000)]);
}

/// Longer than what Windows takes without more ado, and in letters beyond ASCII.
#[test]
fn a_long_name() {
    let folder = Folder::new();
    let mut path = folder.file("täglich");
    for _ in 0..6 {
        path.push("ÄÖÜ-日本語-".repeat(4));
    }
    std::fs::create_dir_all(&path).unwrap();
    let path = path.join("a.db");
    assert!(path.to_str().unwrap().len() > 300);
    for k in 0..3 {
        let db = crate::open(&path, OpenFlags::default()).unwrap();
        db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
            .unwrap();
        db.execute_batch("CREATE TABLE IF NOT EXISTS t (k INTEGER PRIMARY KEY, v BLOB)")
            .unwrap();
        db.execute("INSERT INTO t VALUES (?1, zeroblob(100))", [k])
            .unwrap();
        assert_eq!(rows(&db).len() as u32, k + 1);
    }
}

/// In a log that is used once more the header is waited for, and whatever was promised, always.
#[test]
#[cfg(target_os = "linux")]
fn a_new_log_begins_with_one_write_and_waits_for_nothing() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    drop(open(&path));
    let insert = |db: &Connection, k: u32| {
        let (writes, syncs) = (write_calls(), SYNCS.get());
        db.execute("INSERT INTO t VALUES (?1, zeroblob(100))", [k])
            .unwrap();
        (write_calls() - writes, SYNCS.get() - syncs)
    };
    let again = |synchronous: &str| {
        let db = crate::open(&path, OpenFlags::default()).unwrap();
        db.execute_batch(&format!("PRAGMA synchronous = {synchronous}"))
            .unwrap();
        rows(&db);
        db
    };
    let checkpoint = |db: &Connection, how: &str| {
        let syncs = SYNCS.get();
        db.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()))
            .unwrap();
        SYNCS.get() - syncs
    };

    let db = again("NORMAL");
    assert_eq!(insert(&db, 1), (1, 0));
    assert_eq!(left_behind(&folder, &path), [(1, 100)]);
    assert_eq!(insert(&db, 2), (1, 0));
    assert_eq!(checkpoint(&db, "PASSIVE"), 1);
    assert_eq!(insert(&db, 3), (2, 1));
    assert_eq!(checkpoint(&db, "TRUNCATE"), 1);
    assert_eq!(insert(&db, 4), (2, 1));
    drop(db);

    let db = again("FULL");
    assert_eq!(insert(&db, 5), (1, 1));
    assert_eq!(insert(&db, 6), (1, 1));
    drop(db);

    // Somebody else began it, and left something there.
    let db = again("NORMAL");
    let other = Connection::open(&path).unwrap();
    other
        .execute("INSERT INTO t VALUES (7, zeroblob(100))", [])
        .unwrap();
    other
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        .unwrap();
    assert_eq!(insert(&db, 8), (2, 1));
    assert_eq!(left_behind(&folder, &path), rows(&other));
}

#[test]
fn a_large_commit_is_several() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    for page in [512, 4096, 65536] {
        let _ = std::fs::remove_file(&path);
        let db = Connection::open(&path).unwrap();
        db.pragma_update(None, "page_size", page).unwrap();
        drop(db);
        let db = open(&path);
        for k in 0..60 {
            let row = [k, 100_000 + 4096 * k];
            db.execute("INSERT INTO t VALUES (?1, randomblob(?2))", row)
                .unwrap();
        }
        assert_eq!(left_behind(&folder, &path), rows(&db));
    }
}

#[test]
fn what_is_committed_is_with_the_system() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let db = open(&path);
    for k in 0..20 {
        db.execute("INSERT INTO t VALUES (?1, zeroblob(?1 * 1000))", [k])
            .unwrap();
        assert_eq!(left_behind(&folder, &path), rows(&db));
        let other = Connection::open(&path).unwrap();
        assert_eq!(rows(&other), rows(&db));
    }
}

/// Transactions larger than SQLite's cache, savepoints, rollbacks, checkpoints: in any order, what
/// is read is what was written, and a death at any moment leaves what was committed.
#[test]
fn any_order_of_operations() {
    for seed in 1..=12_u64 {
        let folder = Folder::new();
        let path = folder.file("a.db");
        let db = open(&path);
        db.execute_batch("PRAGMA cache_size = 4").unwrap();
        let mut state = seed;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(seed);
            (state >> 33) % below
        };
        let mut committed = Vec::new();
        for _ in 0..40 {
            let run = |sql: &str| db.execute_batch(sql).unwrap();
            if db.is_autocommit() {
                match random(8) {
                    0 => run("PRAGMA wal_checkpoint(TRUNCATE)"),
                    1 => run("PRAGMA wal_checkpoint(PASSIVE)"),
                    2 => run("PRAGMA synchronous = FULL"),
                    3 => run("PRAGMA synchronous = NORMAL"),
                    _ => run("BEGIN; SAVEPOINT s"),
                }
            } else {
                match random(8) {
                    0 => run("COMMIT"),
                    1 => run("ROLLBACK"),
                    2 => run("ROLLBACK TO s"),
                    3 => run("SAVEPOINT s"),
                    4 => run("DELETE FROM t WHERE k % 3 = 0"),
                    _ => {
                        let (k, len) = (random(50), random(30_000));
                        db.execute(
                            "INSERT INTO t VALUES (?1, randomblob(?2))
                             ON CONFLICT DO UPDATE SET v = excluded.v",
                            [k.cast_signed(), len.cast_signed()],
                        )
                        .unwrap();
                    }
                }
            }
            if db.is_autocommit() {
                committed = rows(&db);
            }
            assert_eq!(left_behind(&folder, &path), committed, "seed {seed}");
        }
    }
}

/// Another connection commits where the frames of a rolled-back transaction would have gone.
#[test]
fn a_rollback_leaves_nothing_behind() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let db = open(&path);
    db.execute_batch("PRAGMA cache_size = 4").unwrap();
    let other = Connection::open(&path).unwrap();
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        .unwrap();
    db.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1, randomblob(60000)); ROLLBACK")
        .unwrap();
    for k in 100..110 {
        other
            .execute("INSERT INTO t VALUES (?1, randomblob(9000))", [k])
            .unwrap();
    }
    assert_eq!(rows(&db).len(), 10);
    assert_eq!(left_behind(&folder, &path), rows(&other));
}

/// Where a power failure may damage what lies beside a write, SQLite cuts frames at the sync.
#[test]
fn cut_frames_do_not_wait() {
    for page in [512, 4096] {
        let folder = Folder::new();
        let path = folder.file("a.db");
        let db = Connection::open(&path).unwrap();
        db.pragma_update(None, "page_size", page).unwrap();
        drop(db);
        let uri = PathBuf::from(format!("file:{}?psow=0", path.display()));
        let db = open(&uri);
        db.execute_batch("PRAGMA synchronous = FULL").unwrap();
        for k in 0..60 {
            db.execute("INSERT INTO t VALUES (?1, randomblob(?1 * 7))", [k])
                .unwrap();
            assert_eq!(left_behind(&folder, &path), rows(&db));
            assert_eq!(rows(&Connection::open(&path).unwrap()), rows(&db));
        }
    }
}
