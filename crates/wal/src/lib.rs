//! A layer under SQLite (a VFS) by which the frames of a commit go to the write-ahead log in one
//! write. SQLite writes each page of a commit with two system calls, one for the frame's header
//! and one for the page; a chat message touches half a dozen pages, and the calls are the larger
//! part of what its commit costs.
//!
//! Only consecutive frames of one commit wait here, and no longer than until its last one, a read,
//! or a sync: when `COMMIT` returns, the system has everything, as without this layer. A write that
//! fails late fails the commit that it belongs to. All other files, and every other operation, go
//! straight to the system's own VFS.
//!
//! SQLite begins a log with its header, and waits for the disk before the first frame: in a log that
//! is used once more, what an older round has left there could be taken for good after a power
//! failure. In a log whose file is new nothing was left, so that its header goes with the first
//! commit, and nobody waits. What is promised of that commit holds as of any other: with
//! `synchronous=FULL` it is waited for, and so is the log before a checkpoint.
//!
//! A connection of [`open`] does not spill pages of a transaction that is not committed yet. SQLite
//! would take them for written while they wait here: after a rollback they could fall onto what
//! another connection has committed meanwhile, and a full disk would be noticed too late to undo
//! the statement that it concerns.
//!
//! ```
//! let path = std::env::temp_dir().join("tim-wal-example.db");
//! let db = tim_wal::open(&path, Default::default());
//! # drop(db.unwrap());
//! # std::fs::remove_file(path).unwrap();
//! ```

use std::borrow::Cow;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::path::Path;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use rusqlite::ffi::{
    self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find,
    sqlite3_vfs_register,
};
use rusqlite::{Connection, OpenFlags};

const NAME: &CStr = c"tim-wal";

/// Length of a frame's header; a page is never as short.
const FRAME_HEADER: usize = 24;

/// SQLite's file of Unix takes no more in one write; a larger transaction goes out in several.
const MOST: usize = 0x1_ffff;

/// Opens a database whose commits are one write each. Its transactions stay in memory until they
/// are committed.
pub fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let path = &*spelled(path);
    let db = if *REGISTERED.get_or_init(register) {
        Connection::open_with_flags_and_vfs(path, flags, NAME)?
    } else {
        Connection::open_with_flags(path, flags)?
    };
    db.execute_batch("PRAGMA cache_spill = OFF")?;
    Ok(db)
}

/// SQLite hands a name on as it is, and Windows takes a long one in one spelling only.
#[cfg(windows)]
fn spelled(path: &Path) -> Cow<'_, Path> {
    /// Of the 260 that other spellings may have, some are for what SQLite appends.
    const LONG: usize = 240;
    let full = std::path::absolute(path).unwrap_or_else(|_| path.into());
    match full.to_str() {
        Some(name) if name.len() > LONG && !name.starts_with(r"\\?\") => {
            let verbatim = match name.strip_prefix(r"\\") {
                Some(share) => format!(r"\\?\UNC\{share}"),
                None => format!(r"\\?\{name}"),
            };
            Cow::Owned(verbatim.into())
        }
        _ => Cow::Borrowed(path),
    }
}

#[cfg(not(windows))]
fn spelled(path: &Path) -> Cow<'_, Path> {
    Cow::Borrowed(path)
}

/// The name of the VFS below; the default on Windows takes no long names.
#[cfg(windows)]
const SYSTEM: *const c_char = c"win32-longpath".as_ptr();
#[cfg(not(windows))]
const SYSTEM: *const c_char = ptr::null();

/// SQLite's own VFS.
static BELOW: AtomicPtr<sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

fn register() -> bool {
    // SAFETY: asks for one of SQLite's own; this initialises SQLite.
    let below = unsafe { sqlite3_vfs_find(SYSTEM) };
    if below.is_null() {
        return false;
    }
    BELOW.store(below, Ordering::Release);
    // SAFETY: it is never removed or changed.
    let mut vfs = unsafe { *below };
    vfs.szOsFile += size_of::<Log>() as c_int;
    vfs.zName = NAME.as_ptr();
    vfs.pNext = ptr::null_mut();
    vfs.xOpen = Some(open_file);
    // Registered for good: SQLite keeps the pointer.
    let vfs = Box::into_raw(Box::new(vfs));
    // SAFETY: a complete VFS that nobody else writes to.
    let registered = unsafe { sqlite3_vfs_register(vfs, 0) };
    registered == ffi::SQLITE_OK
}

/// An open log; the system's own file lies right behind it.
#[repr(C)]
struct Log {
    base: sqlite3_file,
    /// Frames that were not written yet, from `start` on.
    frames: Vec<u8>,
    start: sqlite3_int64,
    /// Where the last write ended, made or waiting.
    end: sqlite3_int64,
    /// The header written last is that of a commit's last frame.
    is_last: bool,
    /// There was no file before this one was opened, and this has not begun it.
    is_new: bool,
    /// The header of a new log waits, and nothing else.
    has_begun: bool,
    /// SQLite does not cut frames in pieces. It does where a power failure may damage what lies
    /// beside a write; there nothing waits.
    collects: bool,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// Calls a method of the file below; one that is missing is an error of input and output.
macro_rules! below {
    ($file:expr, $method:ident $(, $arg:expr)*) => {{
        let file = system_file($file);
        // SAFETY: the file was opened by the VFS below, which gave it its methods.
        match unsafe { (*(*file).pMethods).$method } {
            // SAFETY: the arguments are those that SQLite has passed, or as valid.
            Some(method) => unsafe { method(file $(, $arg)*) },
            None => ffi::SQLITE_IOERR,
        }
    }};
}

fn system_file(file: *mut sqlite3_file) -> *mut sqlite3_file {
    file.cast::<Log>().wrapping_add(1).cast()
}

fn write_through(file: *mut sqlite3_file, bytes: &[u8], at: sqlite3_int64) -> c_int {
    below!(
        file,
        xWrite,
        bytes.as_ptr().cast(),
        bytes.len() as c_int,
        at
    )
}

impl Log {
    /// SAFETY: `file` is one that `open_file` has made a log, and in use by this call alone.
    unsafe fn of<'a>(file: *mut sqlite3_file) -> &'a mut Self {
        // SAFETY: as the caller says.
        unsafe { &mut *file.cast() }
    }

    /// Writes what waits. `file` is the pointer that this log is behind, as SQLite gave it: it
    /// reaches the file below, which a reference to the log does not.
    fn flush(&mut self, file: *mut sqlite3_file) -> c_int {
        if self.frames.is_empty() {
            return ffi::SQLITE_OK;
        }
        let result = write_through(file, &self.frames, self.start);
        // Not tried again: SQLite rolls back what it was told has failed.
        self.frames.clear();
        result
    }

    /// Also nobody else has begun it meanwhile.
    fn is_empty(&self, file: *mut sqlite3_file) -> bool {
        let mut size = -1;
        below!(file, xFileSize, &raw mut size) == ffi::SQLITE_OK && size == 0
    }

    fn write(&mut self, file: *mut sqlite3_file, bytes: &[u8], at: sqlite3_int64) -> c_int {
        let begins = at == 0 && self.is_new && self.collects && self.is_empty(file);
        let continues = (at == self.end && self.collects) || begins;
        self.is_new = false;
        self.has_begun = begins;
        self.end = at + bytes.len() as sqlite3_int64;
        let is_header = bytes.len() == FRAME_HEADER;
        let ends_commit = !is_header && std::mem::take(&mut self.is_last);
        if is_header {
            // The size of the database after the commit; zero in all frames but the last.
            self.is_last = bytes[4..8] != [0; 4];
        }
        if !continues {
            // A frame that is changed afterwards, or a log that starts anew.
            return match self.flush(file) {
                ffi::SQLITE_OK => write_through(file, bytes, at),
                failed => failed,
            };
        }
        if self.frames.len() + bytes.len() > MOST {
            let flushed = self.flush(file);
            if flushed != ffi::SQLITE_OK {
                return flushed;
            }
        }
        if self.frames.is_empty() {
            self.start = at;
        }
        self.frames.extend_from_slice(bytes);
        if ends_commit {
            return self.flush(file);
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn open_file(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let below = BELOW.load(Ordering::Acquire);
    // SAFETY: set before this was registered; the VFS is never removed or changed.
    let Some(open_below) = (unsafe { (*below).xOpen }) else {
        return ffi::SQLITE_CANTOPEN;
    };
    if flags & ffi::SQLITE_OPEN_WAL == 0 {
        // SAFETY: what SQLite has passed; the memory is larger than that VFS asks for.
        return unsafe { open_below(below, name, file, flags, flags_out) };
    }
    // SAFETY: `name` is a log's, as SQLite has passed it.
    let is_new = unsafe { is_missing(name) };
    let inner = system_file(file);
    // SAFETY: SQLite gives as much memory as `szOsFile` says: a log, and the file below.
    let (opened, is_file) = unsafe {
        let opened = open_below(below, name, inner, flags, flags_out);
        (opened, !(*inner).pMethods.is_null())
    };
    let log = Log {
        base: sqlite3_file {
            // SQLite closes the file if and only if it has methods.
            pMethods: if is_file { &METHODS } else { ptr::null() },
        },
        frames: Vec::new(),
        start: 0,
        end: -1,
        is_last: false,
        is_new,
        has_begun: false,
        // SAFETY: `name` is a log's, as SQLite has passed it.
        collects: unsafe { is_overwrite_safe(name) },
    };
    // SAFETY: as above; what was there is not initialised.
    unsafe { ptr::write(file.cast(), log) };
    opened
}

/// There is no such file. One that is empty was cut, which the disk may not know yet.
///
/// SAFETY: `name` is what SQLite opens a log with.
unsafe fn is_missing(name: *const c_char) -> bool {
    // SAFETY: as the caller says; SQLite's names end with a NUL.
    let name = unsafe { CStr::from_ptr(name) };
    let found = name.to_str().map(|name| Path::new(name).try_exists());
    matches!(found, Ok(Ok(false)))
}

/// What the database's file says of power failures, which is what SQLite goes by.
///
/// SAFETY: `name` is what SQLite opens a log with.
unsafe fn is_overwrite_safe(name: *const c_char) -> bool {
    // SAFETY: as the caller says; the database's file is open, and has its methods.
    let traits = unsafe {
        let file = ffi::sqlite3_database_file_object(name);
        let traits = (*(*file).pMethods).xDeviceCharacteristics;
        traits.map_or(0, |traits| traits(file))
    };
    traits & ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE != 0
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file that it opened, once.
    let flushed = unsafe { Log::of(file) }.flush(file);
    let closed = below!(file, xClose);
    // SAFETY: nobody uses it after this.
    unsafe { ptr::drop_in_place(file.cast::<Log>()) };
    if flushed == ffi::SQLITE_OK {
        closed
    } else {
        flushed
    }
}

/// Makes a method that writes what waits before it does the same below.
macro_rules! flushing {
    ($name:ident, $method:ident $(, $arg:ident: $kind:ty)*) => {
        unsafe extern "C" fn $name(file: *mut sqlite3_file $(, $arg: $kind)*) -> c_int {
            // SAFETY: SQLite uses a file in one call at a time.
            match unsafe { Log::of(file) }.flush(file) {
                ffi::SQLITE_OK => below!(file, $method $(, $arg)*),
                failed => failed,
            }
        }
    };
}

flushing!(read, xRead, buffer: *mut c_void, len: c_int, at: sqlite3_int64);
flushing!(truncate, xTruncate, len: sqlite3_int64);
flushing!(sync_all, xSync, flags: c_int);
flushing!(file_size, xFileSize, len: *mut sqlite3_int64);
flushing!(lock, xLock, kind: c_int);
flushing!(unlock, xUnlock, kind: c_int);
flushing!(check_reserved_lock, xCheckReservedLock, is_locked: *mut c_int);
flushing!(file_control, xFileControl, op: c_int, arg: *mut c_void);

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite uses a file in one call at a time.
    if std::mem::take(unsafe { &mut Log::of(file).has_begun }) {
        return ffi::SQLITE_OK;
    }
    #[cfg(test)]
    tests::SYNCS.set(tests::SYNCS.get() + 1);
    // SAFETY: as above.
    unsafe { sync_all(file, flags) }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    len: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite uses a file in one call at a time, and has so many bytes there.
    let (log, bytes) = unsafe {
        let bytes = std::slice::from_raw_parts(bytes.cast::<u8>(), len as usize);
        (Log::of(file), bytes)
    };
    log.write(file, bytes, at)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    below!(file, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    below!(file, xDeviceCharacteristics)
}

#[cfg(test)]
mod tests;
